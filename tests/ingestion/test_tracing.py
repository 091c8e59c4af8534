"""Where a row came from and what became of it, also of one that never got in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hrapi.ingestion.models import Batch
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.loading import csv_file, load
from tests.ingestion.sending import DEPARTMENTS, EMPLOYEES, send
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

USER = "administrators-user"


@pytest.fixture(autouse=True)
def references() -> None:
    DepartmentFactory(id=1)
    JobFactory(id=1)


def trace(client: Any, row_id: int, *, of: str = EMPLOYEES) -> dict[str, Any]:
    response = client.get(f"{of}{row_id}/trace/")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def test_a_row_of_a_file_names_batch_file_line_and_user(api: Any, tmp_path: Path) -> None:
    rows = [employee_row(id=1), employee_row(id=2, name=""), employee_row(id=3)]
    load("employees", csv_file(tmp_path / "people.csv", rows))
    batch = Batch.objects.get()

    found = trace(api, 3)

    assert found.pop("batch").pop("created_at").endswith("Z")
    assert found == {
        "table": "employees",
        "id": 3,
        "stored": True,
        "line": 4,
        "changes": [],
        "rejected_rows": [],
    }
    assert trace(api, 1)["line"] == 2
    assert trace(api, 3)["batch"] | {"created_at": None} == {
        "id": batch.pk,
        "source": "command",
        "file_name": "people.csv",
        "user": None,
        "created_at": None,
    }


def test_a_row_of_json_has_no_line_but_a_user(api: Any) -> None:
    batch = send(api, [employee_row(id=1)]).json()["batch"]

    found = trace(api, 1)

    assert (found["batch"]["id"], found["batch"]["user"], found["line"]) == (batch, USER, None)


def test_a_row_that_never_got_in_has_its_rejections(api: Any) -> None:
    first = send(api, [employee_row(id=7, name="")]).json()
    second = send(api, f"id,name,datetime,department_id,job_id\n7,Ann,{'x'},1,1\n".encode(),
                  content_type="text/csv").json()  # fmt: skip

    found = trace(api, 7)

    assert (found["stored"], found["batch"], found["line"], found["changes"]) == (
        False,
        None,
        None,
        [],
    )
    assert [
        (r["id"], r["batch"]["id"], r["index"], r["line"], r["status"], r["errors"][0]["code"])
        for r in found["rejected_rows"]
    ] == [
        (first["rejected_rows"][0]["rejected_row"], first["batch"], 0, None, "open", "required"),
        (
            second["rejected_rows"][0]["rejected_row"],
            second["batch"],
            0,
            2,
            "open",
            "invalid_datetime",
        ),
    ]
    assert found["rejected_rows"][0]["batch"]["user"] == USER


def test_changes_and_deletions_say_who_and_what_was_there(api: Any) -> None:
    batch = send(api, [{"id": 5, "department": "Law"}], to=DEPARTMENTS).json()["batch"]
    api.patch(f"{DEPARTMENTS}5/", {"department": "Lore"}, format="json")
    api.put(f"{DEPARTMENTS}5/", {"department": "Legal"}, format="json")
    api.delete(f"{DEPARTMENTS}5/")

    found = trace(api, 5, of=DEPARTMENTS)

    assert found["stored"] is False
    assert all(change.pop("at").endswith("Z") for change in found["changes"])
    assert found["changes"] == [
        {
            "action": action,
            "user": USER,
            "before": {"id": 5, "department": department},
            "batch": batch,
            "line": None,
            "undo": None,
        }
        for action, department in [("changed", "Law"), ("changed", "Lore"), ("deleted", "Legal")]
    ]


@pytest.mark.parametrize(
    "moment", ["2021-11-07T02:48:42Z", "1900-01-01T00:00:00.000001Z", "2100-12-31T23:59:59.999999Z"]
)
def test_what_was_there_is_shown_as_it_was_answered(api: Any, moment: str) -> None:
    row = employee_row(id=5, name="Zoë 😀", datetime=moment)
    wrong = send(api, [row]).json()["batch"]
    shown = api.get(f"{EMPLOYEES}5/").json()
    undo = api.post(f"/api/v1/batches/{wrong}/undo/").json()["undo"]

    [change] = trace(api, 5)["changes"]

    assert change["before"] == shown == row
    assert (change["action"], change["undo"]) == ("undone", undo)


def test_a_corrected_row_leads_back_to_its_rejection(api: Any) -> None:
    answer = send(api, b"id,name,datetime,department_id,job_id\n7,,2021-11-07T02:48:42Z,1,1\n",
                  content_type="text/csv").json()  # fmt: skip
    entry = answer["rejected_rows"][0]["rejected_row"]
    api.post(f"/api/v1/rejected-rows/{entry}/resubmit/", {"name": "Ann"}, format="json")

    found = trace(api, 7)

    assert (found["batch"]["source"], found["line"]) == ("resubmission", None)
    [rejection] = found["rejected_rows"]
    assert (rejection["id"], rejection["line"], rejection["status"]) == (entry, 2, "resolved")
    assert rejection["history"][0]["batch"] == found["batch"]["id"]


def test_nobody_has_heard_of_it(api: Any) -> None:
    assert_problem(api.get(f"{EMPLOYEES}7/trace/"), 404, "not_found")


def test_other_tables_are_other_rows(api: Any) -> None:
    send(api, [employee_row(id=7, name="")])

    assert_problem(api.get(f"{DEPARTMENTS}7/trace/"), 404, "not_found")


def test_it_needs_to_see_the_log_and_the_table(client_of: Any, api: Any) -> None:
    from django.contrib.auth.models import Permission, User

    send(api, [employee_row(id=7)])
    assert trace(client_of("loaders"), 7)["stored"]
    assert_problem(client_of("readers").get(f"{EMPLOYEES}7/trace/"), 403, "permission_denied")
    nobody = client_of("")
    User.objects.get(username="nobody-user").user_permissions.add(
        Permission.objects.get(codename="view_rejectedrow")
    )
    assert_problem(nobody.get(f"{EMPLOYEES}7/trace/"), 403, "permission_denied")


@pytest.mark.parametrize("times", [1, 5])
def test_it_costs_the_same_number_of_queries_for_any_number_of_events(
    api: Any, django_assert_num_queries: Any, times: int
) -> None:
    send(api, [employee_row(id=7)])
    for number in range(times):
        send(api, [employee_row(id=7, name=f"Other {number}")])
        api.patch(f"{EMPLOYEES}7/", {"name": f"Name {number}"}, format="json")

    with django_assert_num_queries(4):
        trace(api, 7)
