"""All tables alike, and what is answered when the service is not well or the user may not."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError

from hrapi.ingestion import views
from tests.factories import (
    department_row,
    job_row,
)
from tests.ingestion.answers import ADA, counts
from tests.ingestion.sending import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    faults_of,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


@pytest.mark.parametrize(
    "address, row, field",
    [
        (DEPARTMENTS, department_row(id=7), "department"),
        (JOBS, job_row(id=7), "job"),
    ],
)
def test_departments_and_jobs_are_answered_alike(
    api: Any, address: str, row: dict[str, Any], field: str
) -> None:
    response = send(api, [row, row, row | {field: "Other"}, {"id": 8}], to=address)

    assert response.status_code == 207
    answer = response.json()
    assert counts(answer) == [4, 1, 1, 2, 0]
    assert [faults_of(rejected) for rejected in answer["rejected_rows"]] == [
        [("id", "duplicate_in_batch")],
        [(field, "required")],
    ]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([department_row(id=2, department="Sales")], id="two departments of one name"),
        pytest.param(
            [department_row(id=2, department="A"), department_row(id=3, department="A")],
            id="in one batch",
        ),
    ],
)
def test_names_need_not_be_unique(api: Any, rows: list[Any]) -> None:
    response = send(api, rows, to=DEPARTMENTS)

    assert response.status_code == 201


@pytest.mark.parametrize("table", [EMPLOYEES, DEPARTMENTS, JOBS])
def test_what_can_be_read_can_be_posted(api: Any, table: str) -> None:
    send(api, [ADA])
    rows = api.get(table).json()["results"]

    response = send(api, rows, to=table)

    assert response.status_code == 200
    assert response.json()["unchanged"] == len(rows) == 1


def test_a_busy_database_is_answered_503_with_retry_after(api: Any) -> None:
    with mock.patch.object(views, "ingest_batch", autospec=True, side_effect=OperationalError):
        response = send(api, [ADA])

    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0
    assert response.json()["code"] == "service_unavailable"
    assert stored_ids() == []


def test_a_fault_of_our_own_is_answered_500_without_a_word_of_it(api: Any, caplog: Any) -> None:
    with mock.patch.object(
        views, "ingest_batch", autospec=True, side_effect=RuntimeError("a secret")
    ):
        response = send(api, [ADA])

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "internal_error"
    assert "secret" not in response.content.decode()
    assert "a secret" in caplog.text
    assert stored_ids() == []


@pytest.mark.parametrize(
    "group, status",
    [("loaders", 201), ("stewards", 201), ("administrators", 201), ("readers", 403)],
)
def test_who_may_add_may_post(client_of: Any, group: str, status: int) -> None:
    response = send(client_of(group), [ADA])

    assert response.status_code == status
    assert len(stored_ids()) == (1 if status == 201 else 0)
