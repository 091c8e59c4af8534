"""An entry of the reject log is closed when a row with its id is taken, in whatever way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hrapi.ingestion.models import RejectedRow
from tests.factories import DepartmentFactory, JobFactory
from tests.ingestion.loading import load
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"
BAD, GOOD = {"id": 5, "department": ""}, {"id": 5, "department": "Law"}
OTHER = {"id": 5, "department": "Lore"}
WORSE = {"id": 5, "department": "x" * 256}


def post(client: Any, body: Any, query: str = "") -> Any:
    return client.post(DEPARTMENTS + query, body, format="json")


def states() -> list[str]:
    return list(RejectedRow.objects.order_by("id").values_list("status", flat=True))


def test_the_row_that_is_taken_closes_all_its_open_entries_and_says_how(api: Any) -> None:
    post(api, [BAD, WORSE])

    batch = post(api, [GOOD]).json()["batch"]

    assert states() == ["resolved", "resolved"]
    for entry in api.get("/api/v1/rejected-rows/").json()["results"]:
        [event] = entry["history"]
        assert event.pop("at").endswith("Z")
        assert event == {
            "action": "resolved",
            "batch": batch,
            "user": "administrators-user",
            "reason": "A row with this id was taken.",
        }
    assert (
        "resolved by batch"
        in b"".join(api.get("/api/v1/rejected-rows/?format=csv").streaming_content).decode()
    )


def test_other_tables_and_other_ids_stay_open(api: Any) -> None:
    post(api, [BAD, {"id": 6, "department": ""}, {"department": "No id"}])
    api.post("/api/v1/jobs/", [{"id": 5, "job": ""}], format="json")

    post(api, [{"id": 4, "department": "A"}, GOOD, {"id": 7, "department": "B"}])

    assert states() == ["resolved", "open", "open", "open"]


@pytest.mark.parametrize("query", ["?dry_run=true", "?mode=atomic"])
def test_what_is_not_stored_closes_nothing(api: Any, query: str) -> None:
    post(api, [BAD])

    post(api, [GOOD, {"id": 9, "department": ""}, WORSE], query)

    assert states()[0] == "open"
    assert "resolved" not in states()


def test_a_row_that_is_there_already_does_not_close_what_wants_other_content(api: Any) -> None:
    post(api, [GOOD])
    post(api, [{"id": 5, "department": "Another"}])

    post(api, [GOOD])

    assert states() == ["open"]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "rows, expected",
    [
        ([BAD, GOOD], ["resolved"]),
        ([GOOD, BAD], ["open"]),
        ([BAD, GOOD, WORSE], ["resolved", "open"]),
        ([BAD, BAD, GOOD], ["superseded", "resolved"]),
        ([BAD, GOOD, BAD], ["resolved", "open"]),
        ([BAD, GOOD, BAD, GOOD], ["resolved", "resolved"]),
        ([GOOD, BAD, OTHER, GOOD], ["resolved", "open"]),
        (
            [GOOD, BAD, GOOD, BAD, BAD, GOOD, WORSE],
            ["resolved", "superseded", "resolved", "open"],
        ),
        (
            [BAD, BAD, GOOD, WORSE, BAD, BAD],
            ["superseded", "resolved", "open", "superseded", "open"],
        ),
    ],
)
def test_a_batch_is_the_same_as_its_rows_one_by_one(
    api: Any, rows: list[Any], expected: list[str], at_once: bool
) -> None:
    for batch in [rows] if at_once else [[row] for row in rows]:
        post(api, batch)

    assert states() == expected


@pytest.mark.parametrize("at_once", [True, False])
def test_what_was_rejected_again_before_it_was_taken_is_superseded(api: Any, at_once: bool) -> None:
    post(api, [BAD, WORSE])

    for batch in [[BAD, GOOD]] if at_once else [[BAD], [GOOD]]:
        post(api, batch)

    assert states() == ["superseded", "resolved", "resolved"]


@pytest.mark.parametrize("first", [[BAD, GOOD], [BAD, WORSE, GOOD, WORSE], [GOOD, BAD]])
def test_sent_again_a_batch_leaves_open_what_it_left_open_before(
    api: Any, first: list[Any]
) -> None:
    post(api, first)
    open_before = set(RejectedRow.objects.filter(status="open").values_list("raw", flat=True))

    for _ in range(2):
        post(api, first)

    entries = RejectedRow.objects.filter(status="open")
    assert set(entries.values_list("raw", flat=True)) == open_before


@pytest.mark.parametrize("at_once", [True, False])
def test_entries_of_before_are_closed_as_if_row_came_after_row(api: Any, at_once: bool) -> None:
    post(api, [BAD])
    rows = [GOOD, BAD, GOOD]

    for batch in [rows] if at_once else [[row] for row in rows]:
        post(api, batch)

    assert states() == ["resolved", "resolved"]
    assert RejectedRow.objects.earliest("id").history[0]["action"] == "resolved"


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_change_of_the_row_closes_its_entries(api: Any, method: str) -> None:
    post(api, [GOOD])
    post(api, [{"id": 5, "department": "Another"}])

    refused = getattr(api, method)(f"{DEPARTMENTS}5/", {"department": ""}, format="json")
    assert_problem(refused, 422, "required")
    assert states() == ["open"]
    changed = getattr(api, method)(f"{DEPARTMENTS}5/", {"department": "Another"}, format="json")

    assert changed.status_code == 200
    [event] = RejectedRow.objects.get().history
    assert (event["action"], event["batch"], event["user"]) == (
        "resolved",
        None,
        "administrators-user",
    )
    assert event["reason"] == "The row with this id was changed."


def test_rejected_again_it_says_by_which_batch(api: Any) -> None:
    post(api, [BAD])

    batch = post(api, [BAD]).json()["batch"]

    older, newer = RejectedRow.objects.order_by("id")
    assert (older.status, newer.status) == ("superseded", "open")
    assert [(e["action"], e["batch"]) for e in older.history] == [("superseded", batch)]
    assert newer.history == []


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_a_load_closes_entries_too_wherever_it_is_cut(api: Any, tmp_path: Path, mode: str) -> None:
    post(api, [BAD, {"id": 2500, "department": ""}, {"id": 9999, "department": ""}])
    path = tmp_path / "departments.csv"
    path.write_text("".join(f"{number},D {number}\n" for number in range(1, 3001)))

    assert load("departments", path, "--mode", mode).code == 0

    assert states() == ["resolved", "resolved", "open"]
    assert (
        RejectedRow.objects.filter(history__0__reason="A row with this id was taken.").count() == 2
    )


def test_an_atomic_load_that_is_undone_closes_nothing(api: Any, tmp_path: Path) -> None:
    post(api, [BAD])
    path = tmp_path / "departments.csv"
    lines = ["5,\n", *(f"{number},D {number}\n" for number in range(1, 2001)), "2001,\n"]
    path.write_text("".join(lines))

    assert load("departments", path, "--mode", "atomic").code == 3

    assert sorted(states()) == ["open", "open", "superseded"]


def test_entries_of_the_same_load_are_closed_across_its_transactions(tmp_path: Path) -> None:
    lines = [f"{number},D {number}\n" for number in range(1, 1500)]
    path = tmp_path / "departments.csv"
    # Rejected in the first thousand, taken in the second; taken in the first, rejected in the second.
    path.write_text("".join(["1400,\n", *lines, "3,Other\n"]))

    assert load("departments", path).code == 3

    assert states() == ["resolved", "open"]


def test_the_entry_of_an_employee_whose_department_came_later(api: Any) -> None:
    JobFactory(id=1)
    row = {
        "id": 1,
        "name": "Ada",
        "datetime": "2021-01-01T00:00:00Z",
        "department_id": 8,
        "job_id": 1,
    }
    assert api.post("/api/v1/employees/", [row], format="json").status_code == 422
    DepartmentFactory(id=8)

    assert api.post("/api/v1/employees/", [row], format="json").status_code == 201

    assert states() == ["resolved"]


def test_what_became_of_a_row_that_never_got_in(api: Any) -> None:
    post(api, [BAD, {"id": 6, "department": ""}])
    post(api, [WORSE])

    found = api.get("/api/v1/rejected-rows/?row_id=5").json()["results"]

    assert sorted((entry["row_id"], entry["errors"][0]["code"]) for entry in found) == [
        (5, "required"),
        (5, "too_long"),
    ]
    refused = api.get("/api/v1/rejected-rows/?row_id=x")
    assert_problem(refused, 400, "invalid_parameter")
