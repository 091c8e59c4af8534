"""One run at a time, and none that waits for ever for somebody else, or cannot be called off meanwhile."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connections
from psycopg2 import errorcodes

from hrapi.backups.errors import BackupError, BusyError

MAX_WAIT_SECONDS = 60
KEY = 0x68726170  # "hrap"


@contextmanager
def one_run_at_a_time(what: str, *, key: int = KEY, work: str = "backups") -> Iterator[Any]:
    """Holds a lock in the database, which goes with its connection whatever happens to the process.

    `key` tells the locks of different `work` apart. Gives that connection, Django's, for the run's own use.
    Raises BusyError with the name of who holds the lock.
    """
    own = connections[DEFAULT_DB_ALIAS].copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", [_label(what)])
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            [got] = cursor.fetchone()
            if not got:
                raise BusyError(
                    f"{_holder(cursor, key)} is at work on {work}. Try again when it ends."
                )
        try:
            with ctrl_c_cancels(own):
                yield own
        finally:
            # The server notices only after a moment that a connection has gone; a next run may come before.
            with suppress(Error):
                own.rollback()
                with own.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        own.close()


@contextmanager
def limited_waits(connection: Any) -> Iterator[None]:
    """From here to the end of the transaction, no statement waits long for what others hold.

    A restore that waits for its own safety backup would else wait for ever when somebody queues between them:
    the database cannot see that ring. Raises BackupError.
    """
    with connection.cursor() as cursor:
        # Not by a SELECT: that would take the snapshot of the transaction.
        cursor.execute("SET LOCAL lock_timeout = %s", [f"{MAX_WAIT_SECONDS}s"])
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != errorcodes.LOCK_NOT_AVAILABLE:
            raise
        raise BackupError(
            f"Nothing was changed: others have not let go of a table or row for {MAX_WAIT_SECONDS} seconds."
            " Try again when they have; pg_stat_activity shows who they are."
        ) from error


@contextmanager
def ctrl_c_cancels(own: Any = None) -> Iterator[None]:
    """Has Ctrl-C end the statement that the database is at, for this thread's connection and an `own` one.

    Python raises KeyboardInterrupt only when psycopg comes back to it, which is when the statement has ended.
    """
    used = [connections[DEFAULT_DB_ALIAS], *([own] if own else [])]
    if threading.current_thread() is not threading.main_thread():
        # It gets no signals.
        yield
        return
    told, tells = socket.socketpair()
    tells.setblocking(False)

    def cancel() -> None:
        while signals := told.recv(1):
            if signals[0] == signal.SIGINT:
                for connection in used:
                    with suppress(psycopg2.Error, AttributeError):
                        connection.connection.cancel()

    thread = threading.Thread(target=cancel, daemon=True)
    thread.start()
    before = signal.set_wakeup_fd(tells.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        tells.close()
        thread.join()
        told.close()


def _label(what: str) -> str:
    return f"hrapi {what}, process {os.getpid()}"


def _holder(cursor: Any, key: int) -> str:
    cursor.execute(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %s AND l.granted"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [key],
    )
    found = cursor.fetchone()
    return found[0] if found else "Another run"
