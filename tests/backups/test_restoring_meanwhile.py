"""What others do while a restore is at work: to the backup, to the tables, to the database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, connections

from departments.models import Department
from employees.models import Employee
from hrapi.backups import restoring, services, staging
from hrapi.backups.stored import stored_tables
from hrapi.ingestion.models import Batch, RejectedRow
from tests.backups.running import (
    backup,
    delete_everything,
    everything,
    rewind_sequences,
    run,
    store,
)
from tests.backups.test_verifying import adopt
from tests.factories import employee_row

pytestmark = pytest.mark.usefixtures("stored")


@contextmanager
def after(module: Any, function: str, work: Callable[[], Any]) -> Iterator[None]:
    """Does the work when the function has first ended."""
    real = getattr(module, function)
    left = [work]

    def instead(*arguments: Any, **options: Any) -> Any:
        result = real(*arguments, **options)
        if left:
            left.pop()()
        return result

    with mock.patch.object(module, function, instead):
        yield


def execute_elsewhere(sql: str) -> None:
    """On a connection of its own."""
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute(sql)
    finally:
        other.close()


@pytest.mark.parametrize("options", [["--no-input"], ["--dry-run"]])
def test_a_file_that_is_exchanged_after_it_was_verified_is_not_restored(
    place: Path, options: list[str]
) -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Forged")
    forged = place / backup() / "employees.avro"
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()

    def exchange() -> None:
        shutil.copy(forged, place / name / "employees.avro")

    with after(services, "verify", exchange):
        finished = run("restore", "--from", name, *options)

    assert (finished.code, finished.output) == (3, "")
    assert finished.errors == (
        "CommandError: employees.avro has been changed or damaged: its SHA-256 is another.\n"
    )
    assert everything() == before


def test_what_the_hashes_do_not_find_is_a_bad_backup_too(place: Path) -> None:
    """Rows that are no Avro, in a file whose hashes a forged manifest knows."""
    from hrapi.backups.avro_files import read_facts

    name = backup("--codec", "null")
    path = place / name / "jobs.avro"
    data = path.read_bytes()
    path.write_bytes(data[:-22] + b"\xff" * 6 + data[-16:])
    adopt(place / name, "jobs", content_sha256=read_facts(path).content_sha256)
    before = everything()
    assert run("verify_backup", name).code == 0

    finished = run("restore", "--from", name, "--no-input")

    assert (finished.code, finished.output) == (3, "")
    assert finished.errors == "CommandError: jobs.avro is not readable Avro.\n"
    assert everything() == before


def test_a_row_that_comes_after_the_plan_is_not_taken_away_unasked() -> None:
    name = backup()
    delete_everything()

    def come() -> None:
        Department.objects.create(id=77, department="New")

    with after(services, "plan", come):
        finished = run("restore", "--from", name)

    assert finished.code == 1
    assert finished.errors == (
        "CommandError: Nothing was changed: rows came meanwhile that would change or go."
        " Look at the plan again.\n"
    )
    assert [row[:2] for row in everything()["departments"]] == [(77, "New")]
    assert run("restore", "--from", name, answer="y\n").code == 0


def test_a_plan_is_of_one_moment() -> None:
    name = backup()

    def change() -> None:
        execute_elsewhere("UPDATE employees SET name = 'Changed' WHERE id = 1")

    with after(staging, "_stage", change):
        finished = run("restore", "--from", name, "--dry-run")

    assert [line.split()[3:] for line in finished.output.splitlines()[2:-1]] == [
        ["0", "0", "0"]
    ] * len(stored_tables())


def test_a_database_that_stores_something_else_restores_nothing() -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION other_name() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.name = 'Other'; RETURN NEW; END $$;"
            "CREATE TRIGGER other_name BEFORE INSERT ON employees"
            " FOR EACH ROW EXECUTE FUNCTION other_name()"
        )
    try:
        finished = run("restore", "--from", name, "--no-input")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION other_name CASCADE")

    assert finished.code == 1
    assert finished.errors.splitlines()[-1] == (
        "CommandError: Nothing was restored: employees would have 506 rows, 505 of them as in the"
        " backup, instead of 506."
    )
    assert everything() == before


def test_the_next_ids_are_right_from_the_moment_on_that_the_rows_are_there() -> None:
    """Though the restore is killed as soon as it has committed."""
    name = backup()
    rewind_sequences()
    delete_everything()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with after(restoring, "unless_in_each_others_way", interrupt):
        assert run("restore", "--from", name).code == 130

    store(employee_row(id=9_000), employee_row(name=""))
    assert Employee.objects.filter(id=9_000).exists()
    assert Batch.objects.latest("id").rejected == 1
    assert RejectedRow.objects.latest("id").batch == Batch.objects.latest("id")
