"""Others who hold the tables: nothing waits for them for ever, and Ctrl-C need not wait for them at all."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from employees.models import Employee
from hrapi.backups import restoring
from hrapi.backups.models import BackupRun
from tests.backups.running import backup, everything, run
from tests.backups.test_restoring_meanwhile import after

pytestmark = pytest.mark.usefixtures("stored")

# Where nothing gives up waiting, it is those who are waited for: a test that fails is to end, too.
PATIENCE = "10s"
FOR_READERS_TOO = "LOCK TABLE employees IN ACCESS EXCLUSIVE MODE"
FOR_WRITERS = "UPDATE rejected_rows SET status = status"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hrapi.backups.locking.MAX_WAIT_SECONDS", 1, raising=False)


@contextmanager
def session() -> Iterator[Any]:
    """A cursor of somebody else's connection, which gives up after a while."""
    other = connections["default"].copy()
    other.inc_thread_sharing()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
            cursor.execute(
                "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [PATIENCE]
            )
            yield cursor
    finally:
        other.close()


@contextmanager
def held(statement: str) -> Iterator[None]:
    """Somebody has executed the statement and does not end the transaction."""
    with session() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(statement)
        yield
        cursor.execute("SELECT 'Not given up yet'")


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def wait_until_somebody_waits(pattern: str) -> None:
    """For a lock, at a statement like this."""
    with session() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s",
                [pattern],
            )
            if cursor.fetchall():
                return
            time.sleep(0.05)
    raise AssertionError(f"Nobody waits at {pattern}.")


GIVEN_UP = (
    "Nothing was changed: others have not let go of a table or row for 1 seconds. Try again when"
    " they have; pg_stat_activity shows who they are."
)


@pytest.mark.parametrize(
    "command, holding",
    [
        (["backup"], FOR_READERS_TOO),
        (["restore", "--from", "latest", "--dry-run"], FOR_READERS_TOO),
        (["restore", "--from", "latest", "--no-input"], FOR_WRITERS),
        (["restore", "departments", "--from", "latest"], FOR_WRITERS),
    ],
    ids=["backup", "dry run", "restore", "restore of another table"],
)
def test_who_holds_a_table_for_long_is_not_waited_for(
    impatient: None, place: Path, command: list[str], holding: str
) -> None:
    name = backup()
    before = everything()

    with held(holding):
        finished = run(*command)

    assert (finished.code, finished.errors) == (1, f"CommandError: {GIVEN_UP}\n")
    assert everything() == before
    assert [path.name for path in place.iterdir()] == [name]
    recorded = BackupRun.objects.latest("id")
    assert (recorded.outcome, recorded.detail) == ("failed", GIVEN_UP)


@pytest.mark.parametrize("table", ["employees", "auth_user"])
def test_who_queues_behind_a_restore_does_not_stop_its_safety_backup_for_ever(
    impatient: None, place: Path, table: str
) -> None:
    """A ring that PostgreSQL cannot see: the backup waits for them, they for the restore, that for the backup."""
    name = backup()
    Employee.objects.filter(id=1).update(name="Changed")
    before = everything()
    threads = []

    def vacuum() -> None:
        with session() as cursor:
            cursor.execute(f"VACUUM FULL {table}")

    def queue() -> None:
        threads.append(Thread(target=vacuum))
        threads[0].start()
        wait_until_somebody_waits("VACUUM FULL%")

    with after(restoring, "stage_all", queue):
        finished = run("restore", "--from", name, "--no-input")
    threads[0].join()

    assert (finished.code, finished.errors) == (1, f"CommandError: {GIVEN_UP}\n")
    assert everything() == before
    assert [path.name for path in place.iterdir()] == [name]
    assert run("restore", "--from", name, "--no-input").code == 0
    assert Employee.objects.get(id=1).name != "Changed"


@pytest.mark.parametrize(
    "command, holding",
    [
        (["backup"], FOR_READERS_TOO),
        (["restore", "--from", "latest", "--dry-run"], FOR_READERS_TOO),
        (["restore", "--from", "latest", "--no-input"], FOR_WRITERS),
    ],
    ids=["backup", "dry run", "restore"],
)
def test_ctrl_c_ends_a_wait(place: Path, command: list[str], holding: str) -> None:
    name = backup()
    before = everything()

    def press() -> None:
        wait_until_somebody_waits("%")
        os.kill(os.getpid(), signal.SIGINT)

    with held(holding), meanwhile(press):
        finished = run(*command)

    assert (finished.code, finished.errors) == (130, "CommandError: Interrupted.\n")
    assert everything() == before
    assert [path.name for path in place.iterdir()] == [name]
    recorded = BackupRun.objects.latest("id")
    assert (recorded.outcome, recorded.detail) == ("failed", "KeyboardInterrupt")
