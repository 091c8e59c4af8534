"""Connections that die while a backup or a restore is at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, connections

from employees.models import Employee
from hrapi.backups import restoring, services, snapshot
from hrapi.backups.models import BackupRun
from tests.backups.running import backup, everything, run
from tests.backups.test_restoring_meanwhile import after, execute_elsewhere

pytestmark = pytest.mark.usefixtures("stored")

OURS = "SELECT pg_backend_pid()"
OF_THE_LOCK = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'hrapi %, process %'"


def kill(which: str) -> None:
    """Ends a connection as the server does that is restarted."""
    with connection.cursor() as cursor:
        cursor.execute(which)
        [(pid,)] = cursor.fetchall()
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        other.close()


@contextmanager
def killed(module: Any, function: str, which: str) -> Iterator[None]:
    """When the function is called for the employees."""
    real = getattr(module, function)

    def instead(*arguments: Any, **options: Any) -> Any:
        if any(getattr(argument, "name", "") == "employees" for argument in arguments):
            kill(which)
        return real(*arguments, **options)

    with mock.patch.object(module, function, instead):
        yield


def test_without_the_connection_that_reads_there_is_no_backup_and_no_traceback(place: Path) -> None:
    with killed(snapshot, "_write_table", OF_THE_LOCK):
        finished = run("backup")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors.startswith("CommandError: The database failed (OperationalError): ")
    assert len(finished.errors.splitlines()) == 1
    assert list(place.iterdir()) == []
    recorded = BackupRun.objects.get()
    assert recorded.outcome == "failed"
    assert recorded.detail
    assert recorded.detail in finished.errors


def test_a_backup_is_no_failure_because_another_connection_died_meanwhile() -> None:
    with killed(snapshot, "_write_table", OURS):
        name = backup()

    recorded = BackupRun.objects.get()
    assert (recorded.backup, recorded.outcome) == (name, "done")
    assert run("verify_backup", name).code == 0


def test_a_backup_that_cannot_be_recorded_is_said_to_be_there(place: Path) -> None:
    with after(services, "write_snapshot", rename("backup_runs", "elsewhere")):
        finished = run("backup")
    rename("elsewhere", "backup_runs")()

    [made] = place.iterdir()
    assert finished.code == 1
    assert finished.errors == (
        f"CommandError: {made.name} is done, but that could not be recorded:"
        ' relation "backup_runs" does not exist\n'
    )


def rename(old: str, new: str) -> Callable[[], None]:
    return lambda: execute_elsewhere(f"ALTER TABLE {old} RENAME TO {new}")


def test_a_restore_whose_connection_dies_changes_nothing() -> None:
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()

    with killed(restoring, "_insert", OURS):
        finished = run("restore", "--from", name, "--no-input")

    assert finished.code == 1
    assert "The database failed" in finished.errors.splitlines()[-1]
    assert everything() == before
    recorded = BackupRun.objects.latest("id")
    assert (recorded.kind, recorded.outcome) == ("restore", "failed")
