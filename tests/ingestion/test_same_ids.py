"""Rows that say the same, or something else, under an id that there is already."""

from __future__ import annotations

from typing import Any

import pytest

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import (
    DepartmentFactory,
    JobFactory,
)
from tests.ingestion.answers import ADA, counts
from tests.ingestion.sending import (
    faults_of,
    send,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def test_the_same_row_twice_in_a_batch_is_unchanged_the_second_time(api: Any) -> None:
    response = send(api, [ADA, ADA, ADA])

    assert response.status_code == 201
    assert counts(response.json()) == [3, 1, 2, 0, 0]
    assert stored_ids() == [7]


def test_another_content_under_the_same_id_in_a_batch_is_rejected(api: Any) -> None:
    response = send(api, [ADA, ADA | {"name": "Eve"}, ADA])

    assert response.status_code == 207
    assert counts(response.json()) == [3, 1, 1, 1, 0]
    [row] = response.json()["rejected_rows"]
    assert row["index"] == 1
    assert row["errors"] == [
        {
            "field": "id",
            "code": "duplicate_in_batch",
            "message": "An earlier row of this batch has the id 7 and other content.",
            "value": 7,
        }
    ]
    assert stored_employees()[0][1] == "Ada Byron"


def test_the_first_good_row_of_an_id_counts_not_the_first_row(api: Any) -> None:
    response = send(api, [ADA | {"department_id": 999}, ADA | {"name": ""}, ADA])

    assert response.status_code == 207
    assert counts(response.json()) == [3, 1, 0, 2, 0]
    assert stored_employees()[0][1] == "Ada Byron"


def test_another_content_under_a_stored_id_is_rejected(api: Any) -> None:
    send(api, ADA)
    before = stored_employees()

    response = send(api, [ADA | {"name": "Eve"}, ADA | {"name": "Eve"}])

    assert response.status_code == 422
    assert [faults_of(row) for row in response.json()["rejected_rows"]] == [
        [("id", "already_exists")],
        [("id", "already_exists")],
    ]
    assert response.json()["rejected_rows"][0]["errors"] == [
        {
            "field": "id",
            "code": "already_exists",
            "message": "A row with the id 7 and other content is stored already.",
            "value": 7,
        }
    ]
    assert stored_employees() == before


@pytest.mark.parametrize(
    "change",
    [
        {"name": "ada byron"},
        {"datetime": "2021-11-07T02:48:43Z"},
        {"department_id": 2},
        {"job_id": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_field_makes_another_content(api: Any, change: dict[str, Any]) -> None:
    DepartmentFactory(id=2)
    JobFactory(id=2)
    send(api, ADA)

    response = send(api, [ADA | change])

    assert response.json()["code"] == "already_exists"


def test_an_unchanged_row_is_not_logged_and_keeps_its_batch(api: Any) -> None:
    send(api, [ADA])
    first = Batch.objects.get()

    response = send(api, [ADA])

    assert counts(response.json()) == [1, 0, 1, 0, 0]
    assert RejectedRow.objects.count() == 0
    assert Employee.objects.get().batch_id == first.pk
