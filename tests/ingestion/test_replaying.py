"""Rows that were rejected only for a missing department or job are taken in when it arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import JobFactory
from tests.ingestion.loading import load

pytestmark = pytest.mark.django_db

EMPLOYEES, DEPARTMENTS = "/api/v1/employees/", "/api/v1/departments/"


def row(id_: int, **fields: Any) -> dict[str, Any]:
    moment = "2021-01-01T00:00:00Z"
    return {"id": id_, "name": "Ada", "datetime": moment, "department_id": 8, "job_id": 1} | fields


def post(client: Any, body: Any, to: str = EMPLOYEES, **options: Any) -> Any:
    return client.post(to, body, format="json", **options).json()


@pytest.fixture(autouse=True)
def job(db: None) -> None:
    JobFactory(id=1)


def states() -> dict[int | None, str]:
    return dict(RejectedRow.objects.order_by("id").values_list("row_id", "status"))


def test_what_waited_for_it_is_taken_in_and_the_answer_says_so(api: Any) -> None:
    post(api, [row(1), row(2, name=""), row(3, job_id=9), row(4, department_id=7), row(5)])

    answer = post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)

    assert (answer["inserted"], answer["replayed"]) == (1, 2)
    assert list(answer) == [
        "batch", "table", "mode", "dry_run", "received", "inserted", "unchanged", "rejected",
        "not_attempted", "replayed", "rejected_rows",
    ]  # fmt: skip
    # The others lack something else as well.
    assert states() == {1: "resolved", 2: "open", 3: "open", 4: "open", 5: "resolved"}
    replay = Batch.objects.latest("id")
    assert (replay.source, replay.table, replay.received, replay.inserted) == (
        "replay", "employees", 2, 2,
    )  # fmt: skip
    assert set(Employee.objects.values_list("id", "batch_id")) == {(1, replay.pk), (5, replay.pk)}
    [event] = RejectedRow.objects.get(row_id=1).history
    assert (event["batch"], event["reason"]) == (replay.pk, "What it refers to has arrived.")


def test_what_lacks_something_else_loses_the_fault_that_is_mended(api: Any) -> None:
    """As if the department had been there first."""
    rows = [row(2, name=""), row(3, job_id=9), row(4, department_id=7), row(5, name="", job_id=9)]
    post(api, rows)

    post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)

    late = list(RejectedRow.objects.order_by("row_id").values_list("codes", "errors"))
    [event] = RejectedRow.objects.get(row_id=2).history
    assert (event["action"], event["reason"]) == (
        "rejected", "Before, it was required and unknown_department.",
    )  # fmt: skip
    assert RejectedRow.objects.get(row_id=4).history == []
    # Each supersedes the entry of the same row.
    post(api, rows)
    newest = RejectedRow.objects.filter(status="open").order_by("row_id")
    assert late == list(newest.values_list("codes", "errors"))
    assert [codes for codes, _ in late] == [
        ["required"], ["unknown_job"], ["unknown_department"], ["required", "unknown_job"],
    ]  # fmt: skip


def test_what_lacks_both_waits_for_both(api: Any) -> None:
    post(api, [row(1, job_id=9)])

    assert "replayed" not in post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)
    assert post(api, [{"id": 9, "job": "Judge"}], "/api/v1/jobs/")["replayed"] == 1

    assert Employee.objects.get().pk == 1


@pytest.mark.parametrize("query", ["?dry_run=true", "?mode=atomic"])
def test_what_is_not_stored_brings_nothing_in(api: Any, query: str) -> None:
    post(api, [row(1)])

    answer = post(api, [{"id": 8, "department": "Law"}, {"id": 9}], DEPARTMENTS + query)

    assert "replayed" not in answer
    assert states()[1] == "open"
    assert not Employee.objects.exists()


def test_a_setting_turns_it_off(api: Any, settings: Any) -> None:
    settings.REPLAY_REJECTED_ROWS = False
    post(api, [row(1)])

    assert "replayed" not in post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)

    assert states() == {1: "open"}


def test_what_was_discarded_or_superseded_stays_out(api: Any) -> None:
    post(api, [row(1)])
    post(api, [row(1)])
    RejectedRow.objects.filter(status="open").update(status="discarded")

    assert "replayed" not in post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)

    assert not Employee.objects.exists()


def test_of_two_contents_for_one_id_the_first_is_taken_and_the_other_stays_open(api: Any) -> None:
    post(api, [row(1, name="A"), row(1, name="B")])

    assert post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)["replayed"] == 1

    assert Employee.objects.get().name == "A"
    found = RejectedRow.objects.order_by("id").values_list("status", flat=True)
    assert list(found) == ["resolved", "open"]


def test_rows_of_a_csv_too(api: Any, tmp_path: Path) -> None:
    path = tmp_path / "employees.csv"
    path.write_text("1,Ada,2021-01-01T00:00:00Z,8,1\n2,Bob,2021-01-01T00:00:00Z,8,1\n")
    assert load("employees", path).code == 4

    assert post(api, [{"id": 8, "department": "Law"}], DEPARTMENTS)["replayed"] == 2


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_a_load_brings_them_in_as_well_however_many(api: Any, tmp_path: Path, mode: str) -> None:
    for start in (1, 1001):
        post(api, [row(n, department_id=1 + n % 1500) for n in range(start, start + 1000)])
    path = tmp_path / "departments.csv"
    path.write_text("".join(f"{number},D {number}\n" for number in range(1, 1501)))

    finished = load("departments", path, "--mode", mode)

    assert finished.code == 0
    assert (
        "2,000 rows that were rejected earlier for lack of them were taken in." in finished.output
    )
    assert Employee.objects.count() == 2000
    assert not RejectedRow.objects.exclude(status="resolved").exists()


def test_one_department_by_itself(api: Any) -> None:
    post(api, [row(1)])

    assert post(api, {"id": 8, "department": "Law"}, DEPARTMENTS) == {"id": 8, "department": "Law"}

    assert Employee.objects.get().pk == 1


def test_a_department_that_was_corrected_itself(api: Any) -> None:
    post(api, [row(1)])
    rejected = post(api, [{"id": 8, "department": ""}], DEPARTMENTS)["rejected_rows"]

    post(
        api,
        {"department": "Law"},
        f"/api/v1/rejected-rows/{rejected[0]['rejected_row']}/resubmit/",
    )

    assert set(states().values()) == {"resolved"}
    assert Employee.objects.get().pk == 1
