"""What was sent is stored, or open, or closed by somebody: cases in which it once dropped out of sight."""

from __future__ import annotations

from typing import Any

import pytest

from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.sending import DEPARTMENTS, EMPLOYEES, REJECTED_ROWS, send, stored_ids

pytestmark = pytest.mark.django_db

OLDER, NEWER = (
    employee_row(id=7, name="Jon Smth", department_id=50),
    employee_row(id=7, name="John Smith", department_id=50),
)


@pytest.fixture(autouse=True)
def references() -> None:
    DepartmentFactory(id=1)
    JobFactory(id=1)


def states() -> list[tuple[str, list[str]]]:
    return list(RejectedRow.objects.order_by("id").values_list("status", "codes"))


@pytest.mark.parametrize("together", [True, False])
def test_of_two_rows_with_one_id_that_wait_the_second_stays_open(api: Any, together: bool) -> None:
    for rows in [[OLDER, NEWER]] if together else [[OLDER], [NEWER]]:
        send(api, rows)

    answer = send(api, [{"id": 50, "department": "Law"}], to=DEPARTMENTS).json()

    assert answer["replayed"] == 1
    assert Employee.objects.get(pk=7).name == "Jon Smth"
    assert states() == [("resolved", ["unknown_department"]), ("open", ["already_exists"])]
    second = RejectedRow.objects.latest("id")
    [error] = second.errors
    assert error["message"] == "A row with the id 7 and other content is stored already."
    [event] = second.history
    assert (event["action"], event["batch"], event["user"], event["reason"]) == (
        "rejected",
        answer["batch"],
        "administrators-user",
        "Before, it was unknown_department.",
    )


def test_of_two_rows_with_one_id_corrected_at_once_the_second_stays_open(api: Any) -> None:
    send(api, [OLDER])
    send(api, [NEWER])
    order = {"filter": {"code": "unknown_department"}, "set": {"department_id": 1}}

    answer = api.post(f"{REJECTED_ROWS}resubmit/", order, format="json").json()

    first, second = RejectedRow.objects.order_by("id").values_list("id", flat=True)
    assert (answer["resolved_rows"], answer["still_open"]) == ([first], 1)
    assert answer["still_open_rows"][0]["rejected_row"] == second
    assert [status for status, _ in states()] == ["resolved", "open"]


def test_the_same_row_twice_in_one_correction_closes_both(api: Any) -> None:
    send(api, [{**OLDER, "salary": 1}])
    send(api, [OLDER])
    order = {"filter": {"table": "employees"}, "set": {"department_id": 1, "salary": None}}

    answer = api.post(f"{REJECTED_ROWS}resubmit/", order, format="json").json()

    assert (answer["resolved"], answer["still_open"]) == (2, 0)
    assert [status for status, _ in states()] == ["resolved", "resolved"]


def test_rows_of_an_atomic_batch_do_not_come_by_themselves(api: Any) -> None:
    """The good row beside them was not stored, and would not come with them."""
    send(api, [employee_row(id=1), OLDER], to=f"{EMPLOYEES}?mode=atomic")

    answer = send(api, [{"id": 50, "department": "Law"}], to=DEPARTMENTS).json()

    assert "replayed" not in answer
    assert stored_ids() == []
    assert [status for status, _ in states()] == ["open"]


def test_an_untouched_row_whose_entry_was_closed_meanwhile_stays_closed(api: Any) -> None:
    batch = send(api, [employee_row(id=1, name=""), employee_row(id=2, name="")]).json()
    file = b"".join(
        api.get(f"/api/v1/batches/{batch['batch']}/rejected-rows.csv").streaming_content
    )
    first, second = (row["rejected_row"] for row in batch["rejected_rows"])
    api.post(f"{REJECTED_ROWS}{first}/resubmit/", {"name": "Ann"}, format="json")
    order = {"filter": {"id": [second]}, "reason": "A test"}
    api.post(f"{REJECTED_ROWS}discard/", order, format="json")

    answer = send(api, file, content_type="text/csv").json()

    assert answer["rejected"] == 2
    assert [status for status, _ in states()] == ["resolved", "discarded", "resolved", "discarded"]
    [event] = RejectedRow.objects.get(pk=answer["rejected_rows"][1]["rejected_row"]).history
    assert (event["action"], event["batch"]) == ("discarded", answer["batch"])
    assert event["reason"] == "It came back untouched, after its entry had been closed."


def test_an_entry_closed_by_a_row_that_was_there_is_open_again_when_that_row_is_undone(
    api: Any,
) -> None:
    brought = send(api, [employee_row(id=1)]).json()["batch"]
    send(api, [employee_row(id=1, name="")])
    send(api, [employee_row(id=1)])
    assert [status for status, _ in states()] == ["resolved"]

    answer = api.post(f"/api/v1/batches/{brought}/undo/").json()

    assert (answer["removed"], answer["reopened"]) == (1, 1)
    assert [status for status, _ in states()] == ["open"]
