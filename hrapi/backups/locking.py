"""One run at a time: a lock in the database, which goes with its connection whatever happens to the process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from hrapi.backups.errors import BusyError

_KEY = 0x68726170  # "hrap"


@contextmanager
def one_run_at_a_time(what: str) -> Iterator[Any]:
    """Holds the lock; gives a connection of its own, Django's. Raises BusyError with the name of who holds it."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", [_label(what)])
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_KEY])
            [got] = cursor.fetchone()
            if not got:
                raise BusyError(f"{_holder(cursor)} is at work on backups. Try again when it ends.")
        yield own
    finally:
        own.close()


def _label(what: str) -> str:
    return f"hrapi {what}, process {os.getpid()}"


def _holder(cursor: Any) -> str:
    cursor.execute(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %s AND l.granted",
        [_KEY],
    )
    found = cursor.fetchone()
    return found[0] if found else "Another run"
