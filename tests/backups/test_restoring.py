"""What restoring asks, shows and refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection

from departments.models import Department
from employees.models import Employee
from hrapi.backups import restoring
from hrapi.backups.manifest import read_manifest
from hrapi.backups.restoring import MAX_ATTEMPTS
from hrapi.backups.stored import stored_tables
from tests.backups.running import backup, delete_everything, everything, run, store
from tests.factories import DepartmentFactory, employee_row

pytestmark = pytest.mark.usefixtures("stored")

# Those that the first version did not have.
LATER_TABLES = ["row_changes", "loads"]


def names() -> list[str]:
    return [line.split()[0] for line in run("list_backups").output.splitlines()]


def test_into_empty_tables_no_question_is_asked_and_no_backup_is_made() -> None:
    before = everything()
    name = backup()
    delete_everything()

    finished = run("restore", "--from", "latest")

    assert (finished.code, finished.errors) == (0, "")
    assert everything() == before
    assert names() == [name]


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "yeah\n"])
def test_the_answer_is_no_unless_it_is_yes(answer: str) -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()

    finished = run("restore", "--from", name, answer=answer)

    assert finished.code == 1
    assert "Restore? [y/N] " in finished.errors
    assert finished.errors.endswith("CommandError: Nothing was changed.\n")
    assert everything() == before
    assert names() == [name]


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_yes_restores_and_what_was_there_is_a_backup_first(place: Path, answer: str) -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    changed = everything()

    finished = run("restore", "--from", name, answer=answer)

    assert finished.code == 0
    [_, safety] = names()
    assert read_manifest(place / safety).trigger == "before-restore"
    assert f"What was there before is the backup {safety}." in finished.errors
    # And back again; the latest is not the one that was made on the way.
    assert run("restore", "--from", "latest", "--dry-run").output.startswith(f"replace from {name}")
    assert run("restore", "--from", safety, "--no-input").code == 0
    assert everything() == changed


def test_a_dry_run_shows_the_plan_and_writes_nothing() -> None:
    name = backup()
    Employee.objects.filter(id__in=[1, 2]).update(name="Changed")
    Employee.objects.filter(id__in=[3, 4, 5]).delete()
    store(employee_row(id=9_000))
    before = everything()

    finished = run("restore", "employees", "--from", name, "--dry-run")

    assert (finished.code, finished.errors) == (0, "")
    assert finished.output.splitlines() == [
        f"replace from {name}:",
        "table               rows now   in backup      insert      update      delete",
        "employees                504         506           3           2           1",
        "Nothing was changed: this was a dry run.",
    ]
    assert everything() == before
    merged = run("restore", "employees", "--from", name, "--dry-run", "--mode", "merge")
    assert merged.output.splitlines()[2].split()[1:] == ["504", "506", "3", "2", "0"]


def test_rows_that_others_refer_to_are_not_taken_away() -> None:
    name = backup("departments")
    DepartmentFactory(id=77)
    store(employee_row(id=9_000, department_id=77))
    before = everything()

    finished = run("restore", "departments", "--from", name, "--no-input")

    assert finished.code == 1
    assert (
        "Nothing was restored: employees would refer by department_id to rows of departments that "
        "are not there: 77. Restore those tables together." in finished.errors
    )
    assert everything() == before


def test_rows_that_refer_to_what_is_gone_are_not_brought_back() -> None:
    name = backup()
    Employee.objects.filter(department_id=1).delete()
    Department.objects.filter(id=1).delete()
    before = everything()

    finished = run("restore", "employees", "--from", name, "--no-input")

    assert finished.code == 1
    assert "departments that are not there: 1. " in finished.errors
    assert everything() == before
    assert run("restore", "--from", name, "--no-input").code == 0


def test_a_table_that_is_not_in_the_backup_is_refused() -> None:
    name = backup("departments")

    finished = run("restore", "employees", "--from", name, "--no-input")

    assert finished.code == 1
    assert finished.errors == (
        f"CommandError: The backup {name} has no table 'employees', only departments.\n"
    )


def test_without_one_of_all_tables_the_newest_of_some_is_named(place: Path) -> None:
    backup("employees")
    name = backup("jobs", "departments")

    finished = run("restore", "jobs", "--from", "latest")

    assert (finished.code, finished.errors) == (
        1,
        f"CommandError: There is no backup of all tables in {place}; the newest of some is {name},"
        " with departments, jobs.\n",
    )


def test_the_tables_that_a_backup_of_an_earlier_version_lacks_are_named(place: Path) -> None:
    name = backup(*(table.name for table in stored_tables() if table.name not in LATER_TABLES))
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()

    finished = run("restore", "--from", "latest", "--no-input")

    assert finished.code == 0
    assert (
        f"The backup {name} has no row_changes, loads: what is there stays as it is."
        in finished.errors.splitlines()
    )
    assert [everything()[table] for table in LATER_TABLES] == [
        before[table] for table in LATER_TABLES
    ]
    assert Employee.objects.get(id=1).name != "Changed"


@pytest.mark.parametrize(
    "step", ["stage_all", "_remove", "_insert", "_check_references", "_check_result"]
)
def test_whatever_fails_nothing_is_restored(step: str) -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    Employee.objects.filter(id=2).delete()
    before = everything()
    real = getattr(restoring, step)

    def fail(*arguments: Any, **options: Any) -> Any:
        real(*arguments, **options)
        raise DatabaseError("It failed.")

    with mock.patch.object(restoring, step, fail):
        finished = run("restore", "--from", name, "--no-input")

    assert finished.code == 1
    assert finished.errors.splitlines()[-1] == (
        "CommandError: The database failed (DatabaseError): It failed."
    )
    assert everything() == before
    assert run("restore", "--from", name, "--no-input").code == 0


@pytest.mark.parametrize("deadlocks, code", [(1, 0), (MAX_ATTEMPTS - 1, 0), (MAX_ATTEMPTS, 1)])
def test_a_writer_in_the_way_is_no_reason_to_give_up_at_once(deadlocks: int, code: int) -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    left = deadlocks
    real = restoring._lock

    def lock() -> None:
        nonlocal left
        real()
        if left:
            left -= 1
            with connection.cursor() as cursor:
                cursor.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40P01'; END $$"
                )

    with mock.patch.object(restoring, "_lock", lock):
        finished = run("restore", "--from", name, "--no-input")

    assert finished.code == code, finished.errors
    assert (Employee.objects.get(id=1).name == "Changed") is bool(code)


def test_a_request_whose_rows_are_gone_is_carried_out_again(client_of: Any) -> None:
    name = backup()
    loader = client_of("loaders")
    row = {"id": 77, "department": "New"}
    keyed = {"headers": {"Idempotency-Key": "k"}}
    assert loader.post("/api/v1/departments/", row, **keyed).status_code == 201
    assert run("restore", "--from", name, "--no-input").code == 0

    assert loader.post("/api/v1/departments/", row, **keyed).status_code == 201

    assert Department.objects.filter(id=77).exists()


def test_when_the_backup_before_fails_nothing_is_restored() -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()

    with mock.patch("hrapi.backups.services.write_snapshot", side_effect=OSError(28, "Full")):
        finished = run("restore", "--from", name, "--no-input")

    assert (finished.code, finished.errors) == (1, "CommandError: Full\n")
    assert everything() == before


def test_latest_where_there_is_none() -> None:
    finished = run("restore", "--from", "latest")

    assert finished.code == 1
    assert finished.errors.startswith("CommandError: There is no backup of all tables in ")
