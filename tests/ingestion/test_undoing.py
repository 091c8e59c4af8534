"""A batch undone: what it inserted goes, nothing else does, and what it held is still known."""

from __future__ import annotations

from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow, RowChange
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.sending import DEPARTMENTS, EMPLOYEES, send, stored_ids
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/batches/"


@pytest.fixture(autouse=True)
def references() -> None:
    DepartmentFactory(id=1)
    JobFactory(id=1)


def batch_of(client: Any, rows: Any, *, to: str = EMPLOYEES) -> int:
    return int(send(client, rows, to=to).json()["batch"])


def undo(client: Any, batch: int, body: Any = None, query: str = "") -> Any:
    return client.post(f"{BATCHES}{batch}/undo/{query}", body, format="json")


def everything() -> list[list[tuple[Any, ...]]]:
    models = (Department, Employee, Batch, RejectedRow, RowChange)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def test_what_the_batch_inserted_goes_and_nothing_else(api: Any) -> None:
    batch_of(api, [employee_row(id=1), employee_row(id=2)])
    wrong = batch_of(api, [employee_row(id=2), employee_row(id=3), employee_row(id=4)])
    batch_of(api, [employee_row(id=4), employee_row(id=5)])

    response = undo(api, wrong)

    assert response.status_code == 200
    record = Batch.objects.latest("id")
    assert response.json() == {
        "batch": wrong,
        "undo": record.pk,
        "dry_run": False,
        "removed": 2,
        "reopened": 0,
    }
    assert stored_ids() == [1, 2, 5]
    assert (record.source, record.table, record.undoes, record.removed) == (
        "undo",
        "employees",
        wrong,
        2,
    )
    assert str(record.user) == "administrators-user"
    assert api.get(f"{BATCHES}{wrong}/").json()["undone_by"] == record.pk


def test_the_same_rows_can_be_posted_again(api: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3)])
    undo(api, wrong)

    assert send(api, [employee_row(id=3, name="Right")]).json()["inserted"] == 1


def test_undone_twice_it_has_no_further_effect(api: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3)])
    undo(api, wrong)
    before = everything()

    response = undo(api, wrong)

    assert response.json() == {
        "batch": wrong,
        "undo": None,
        "dry_run": False,
        "removed": 0,
        "reopened": 0,
    }
    assert everything() == before


@pytest.mark.parametrize("body, query", [({"dry_run": True}, ""), (None, "?dry_run=true")])
def test_a_dry_run_says_what_would_go_and_changes_nothing(api: Any, body: Any, query: str) -> None:
    wrong = batch_of(api, [employee_row(id=3), employee_row(id=4)])
    before = everything()

    response = undo(api, wrong, body, query)

    assert response.json() == {
        "batch": wrong,
        "undo": None,
        "dry_run": True,
        "removed": 2,
        "reopened": 0,
    }
    assert everything() == before


@pytest.mark.parametrize("body, query", [({"dry_run": True}, ""), (None, "")])
def test_rows_that_were_changed_or_are_referred_to_are_listed_and_nothing_goes(
    api: Any, body: Any, query: str
) -> None:
    rows = [{"id": number, "department": f"D {number}"} for number in (11, 12, 13)]
    wrong = batch_of(api, rows, to=DEPARTMENTS)
    api.patch(f"{DEPARTMENTS}12/", {"department": "Law"}, format="json")
    batch_of(api, [employee_row(id=1, department_id=13), employee_row(id=2, department_id=13)])
    before = everything()

    problem = assert_problem(undo(api, wrong, body, query), 409, "conflict")

    assert problem["changed"] == [12]
    assert problem["referred_to"] == [{"id": 13, "by": "employees", "rows": 2}]
    assert problem["detail"] == (
        f"Batch {wrong} cannot be undone: rows were changed since and other rows refer to its rows."
        " Nothing was removed."
    )
    assert everything() == before


def test_a_change_that_changes_nothing_is_none(api: Any) -> None:
    wrong = batch_of(api, [{"id": 12, "department": "Law"}], to=DEPARTMENTS)
    api.patch(f"{DEPARTMENTS}12/", {"department": " Law "}, format="json")

    assert undo(api, wrong).json()["removed"] == 1


def test_a_row_that_was_deleted_and_came_again_with_another_batch_stays(api: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3), employee_row(id=4)])
    api.delete(f"{EMPLOYEES}3/")
    batch_of(api, [employee_row(id=3, name="Again")])

    assert undo(api, wrong).json()["removed"] == 1
    assert stored_ids() == [3]


def test_entries_that_the_batch_closed_are_open_again(api: Any) -> None:
    send(api, [employee_row(id=3, name=""), employee_row(id=4, name="")])
    taken = batch_of(api, [employee_row(id=3)])

    response = undo(api, taken)

    assert response.json()["reopened"] == 1
    assert list(RejectedRow.objects.order_by("id").values_list("row_id", "status")) == [
        (3, "open"),
        (4, "open"),
    ]
    event = RejectedRow.objects.get(row_id=3).history[-1]
    assert event.pop("at")
    assert event == {
        "action": "reopened",
        "batch": response.json()["undo"],
        "user": "administrators-user",
        "reason": "The batch that closed it was undone.",
    }


def test_entries_stay_closed_whose_row_another_batch_has_stored(api: Any) -> None:
    send(api, [employee_row(id=3, name="")])
    batch_of(api, [employee_row(id=3)])
    again = batch_of(api, [employee_row(id=3), employee_row(id=5)])

    assert undo(api, again).json()["reopened"] == 0
    assert RejectedRow.objects.get().status == "resolved"


def test_an_entry_is_not_opened_whose_content_is_open_in_another(api: Any) -> None:
    send(api, [employee_row(id=3, name="")])
    taken = batch_of(api, [employee_row(id=3)])
    send(api, [employee_row(id=3, name="")])

    assert undo(api, taken).json()["reopened"] == 0
    assert list(RejectedRow.objects.order_by("id").values_list("status", flat=True)) == [
        "resolved",
        "open",
    ]


def test_what_was_replayed_must_be_undone_first(api: Any) -> None:
    send(api, [employee_row(id=3, department_id=50)])
    brought = batch_of(api, [{"id": 50, "department": "Law"}], to=DEPARTMENTS)
    replay = Batch.objects.get(source="replay").pk

    assert_problem(undo(api, brought), 409, "conflict")
    assert undo(api, replay).json()["removed"] == 1
    assert undo(api, brought).json()["removed"] == 1

    assert stored_ids() == []
    assert RejectedRow.objects.get().status == "open"


def test_what_the_rows_held_is_kept(api: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3, name="Ann")])
    record = undo(api, wrong).json()["undo"]

    change = RowChange.objects.get()
    assert (change.table, change.row_id, change.action) == ("employees", 3, "undone")
    assert (change.batch_id, change.undo) == (wrong, record)
    assert change.before["name"] == "Ann"


def test_a_large_batch_costs_as_many_queries_as_a_small_one(
    api: Any, django_assert_num_queries: Any
) -> None:
    small = batch_of(api, [employee_row(id=1)])
    large = batch_of(api, [employee_row(id=number) for number in range(10, 1010)])
    undo(api, small)

    for batch in (batch_of(api, [employee_row(id=1)]), large):
        with django_assert_num_queries(13):
            undo(api, batch)


def test_a_refused_batch_has_nothing_to_undo(api: Any) -> None:
    assert send(api, "[").status_code == 400

    assert undo(api, Batch.objects.get().pk).json()["removed"] == 0


@pytest.mark.parametrize(
    "body", [[], "true", {"dry_run": "true"}, {"dry_run": 1}, {"dry": True}, {"filter": {}}]
)
def test_another_body_is_refused(api: Any, body: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3)])

    response = undo(api, wrong, body)

    assert response.status_code == 400, response.content
    assert stored_ids() == [3]


def test_it_needs_the_permission_to_delete(client_of: Any, api: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3)])

    for group in ("", "readers", "loaders", "stewards"):
        assert_problem(undo(client_of(group), wrong), 403, "permission_denied")

    assert stored_ids() == [3]


def test_an_undo_with_a_key_is_carried_out_once(api: Any) -> None:
    wrong = batch_of(api, [employee_row(id=3)])
    address, key = f"{BATCHES}{wrong}/undo/", {"Idempotency-Key": "k"}

    first = api.post(address, headers=key)
    again = api.post(address, headers=key)

    assert first.json()["removed"] == 1
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("number", ["0", "999999", "9" * 18])
def test_a_batch_that_is_not_there_is_not_found(api: Any, number: str) -> None:
    assert_problem(api.post(f"{BATCHES}{number}/undo/"), 404, "not_found")
