"""A load undone, and its rejected rows as a file."""

from __future__ import annotations

from typing import Any

import pytest

from departments.models import Department
from hrapi.ingestion.models import Batch
from hrapi.loads.models import Load, LoadPart
from tests.loads.sending import LOADS, loaded, read, send_file, work_off
from tests.problem_bodies import assert_problem, text_of


def undo(client: Any, load: int, body: Any = None) -> Any:
    return client.post(f"{LOADS}{load}/undo/", body, format="json")


def test_what_the_load_inserted_goes(api: Any) -> None:
    load = loaded(api)

    look = undo(api, load["id"], {"dry_run": True})
    assert look.json() == {
        "batch": load["batch"],
        "undo": None,
        "dry_run": True,
        "removed": 2,
        "reopened": 0,
    }
    assert Department.objects.count() == 2

    done = undo(api, load["id"]).json()

    assert (done["removed"], done["batch"]) == (2, load["batch"])
    assert not Department.objects.exists()
    record = Batch.objects.get(pk=done["undo"])
    assert (record.source, record.undoes) == ("undo", load["batch"])


def test_the_same_file_is_loaded_again_after_the_undo(api: Any) -> None:
    first = loaded(api)
    assert send_file(api).status_code == 200
    undo(api, first["id"])

    again = loaded(api)

    assert again["id"] != first["id"]
    assert Department.objects.count() == 2


def test_a_load_that_has_not_ended_is_not_undone(api: Any) -> None:
    load = send_file(api).json()["id"]

    problem = assert_problem(undo(api, load), 409, "conflict")

    assert problem["detail"] == f"Load {load} is waiting. It can be undone when it has ended."
    work_off()
    assert Department.objects.count() == 2


def test_a_dry_run_has_nothing_to_undo(api: Any) -> None:
    load = loaded(api, dry_run="true")

    assert_problem(undo(api, load["id"]), 409, "conflict")


def test_rows_in_use_are_listed(api: Any) -> None:
    load = loaded(api)
    api.patch("/api/v1/departments/1/", {"department": "Changed"}, format="json")

    problem = assert_problem(undo(api, load["id"]), 409, "conflict")

    assert (problem["changed"], problem["referred_to"]) == ([1], [])


@pytest.mark.parametrize("group, status", [("loaders", 403), ("readers", 403), ("", 403)])
def test_undoing_needs_the_permission_to_delete(
    api: Any, client_of: Any, group: str, status: int
) -> None:
    load = loaded(api)

    assert undo(client_of(group), load["id"]).status_code == status
    assert Department.objects.count() == 2


def test_a_load_that_is_not_there_is_not_found(api: Any) -> None:
    assert_problem(undo(api, 999_999), 404, "not_found")


def test_the_rejected_rows_of_a_load_are_a_file_to_correct(api: Any) -> None:
    load = loaded(api)
    assert load["rejected_rows_file"] == f"http://testserver{LOADS}{load['id']}/rejected-rows.csv"

    file = text_of(api.get(f"{LOADS}{load['id']}/rejected-rows.csv"))
    corrected = loaded(api, file.replace("\n3,,", "\n3,Lore,").encode(), name="corrected.csv")

    assert (corrected["inserted"], corrected["rejected"]) == (1, 0)
    entries = api.get("/api/v1/rejected-rows/").json()["results"]
    assert [(entry["status"], entry["history"][0]["batch"]) for entry in entries] == [
        ("resolved", corrected["batch"])
    ]


def test_a_load_that_has_kept_no_rows_has_no_such_file(api: Any) -> None:
    waiting = send_file(api).json()["id"]

    assert_problem(api.get(f"{LOADS}{waiting}/rejected-rows.csv"), 409, "conflict")
    assert_problem(api.get(f"{LOADS}999999/rejected-rows.csv"), 404, "not_found")


def test_a_load_whose_file_is_gone_fails_and_says_what_to_do(api: Any) -> None:
    """As after a restore: a backup does not hold files."""
    load = send_file(api).json()["id"]
    LoadPart.objects.all().delete()

    work_off()

    found = read(api, load)
    assert (found["state"], found["error_code"]) == ("failed", "conflict")
    assert "Send it again" in found["error_detail"]
    # It can be sent again.
    assert send_file(api).status_code == 202
    assert Load.objects.count() == 2
