"""A dry run says what would become of the rows, and keeps nothing."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import (
    employee_row,
)
from tests.ingestion.answers import ADA, counts, statuses
from tests.ingestion.sending import (
    EMPLOYEES,
    send,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
@pytest.mark.parametrize(
    "rows, status",
    [
        pytest.param([ADA], 200, id="all good"),
        pytest.param([employee_row(id=1, name="Old")], 200, id="all unchanged"),
        pytest.param([employee_row(id=0)], 422, id="all rejected"),
    ],
)
def test_a_dry_run_is_answered_without_keeping_anything(
    api: Any, mode: str, rows: list[Any], status: int
) -> None:
    send(api, employee_row(id=1, name="Old"))
    before = stored_employees()

    dry = send(api, rows, to=f"{EMPLOYEES}?mode={mode}&dry_run=true")

    assert dry.status_code == status
    assert dry.json()["batch"] is None
    assert dry.json()["dry_run"] is True
    assert stored_employees() == before
    assert Batch.objects.count() == 1
    assert RejectedRow.objects.count() == 0


@pytest.mark.parametrize("mode, status", [("partial", 207), ("atomic", 422)])
def test_a_dry_run_counts_what_the_real_run_counts(api: Any, mode: str, status: int) -> None:
    send(api, employee_row(id=1, name="Old"))
    rows = [
        ADA,
        ADA,
        ADA | {"name": "Eve"},
        employee_row(id=1, name="Old"),
        employee_row(id=1, name="New"),
        employee_row(id=9, department_id=999),
        {},
    ]

    dry = send(api, rows, to=f"{EMPLOYEES}?mode={mode}&dry_run=true")
    real = send(api, rows, to=f"{EMPLOYEES}?mode={mode}")

    assert dry.status_code == real.status_code == status
    assert counts(dry.json()) == counts(real.json())
    assert [row["rejected_row"] for row in dry.json()["rejected_rows"]] == [None] * 4
    assert [row | {"rejected_row": None} for row in real.json()["rejected_rows"]] == dry.json()[
        "rejected_rows"
    ]


def test_a_dry_run_leaves_open_entries_of_the_log_open(api: Any) -> None:
    send(api, [employee_row(id=9, department_id=999)])

    send(api, [employee_row(id=9, department_id=999)], to=f"{EMPLOYEES}?dry_run=true")

    assert statuses() == ["open"]


def test_a_dry_run_of_one_object_answers_the_row(api: Any) -> None:
    response = send(api, ADA, to=f"{EMPLOYEES}?dry_run=true")

    assert response.status_code == 200
    assert "Location" not in response
    assert response.json() == ADA
    assert stored_ids() == []


def test_dry_run_false_keeps_what_it_takes(api: Any) -> None:
    response = send(api, [ADA], to=f"{EMPLOYEES}?dry_run=false&mode=partial")

    assert response.status_code == 201
    assert stored_ids() == [7]
