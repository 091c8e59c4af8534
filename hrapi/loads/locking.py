"""Locks in the database that go with the connection that works, whatever ends it: one worker for a load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

_SPACE = 0x6C6F6164  # "load"


@contextmanager
def load_lock(load_id: int) -> Iterator[bool]:
    """Whether this connection has got the lock of the load; if so, within the block."""
    with session_lock(_SPACE << 32 | load_id) as got:
        yield got


@contextmanager
def session_lock(key: int) -> Iterator[bool]:
    """Whether this connection has got the lock of that number; if so, within the block.

    A connection that breaks loses it, and with it the transaction that it is in: nobody works without it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        [got] = cursor.fetchone()
    try:
        yield got
    finally:
        if got:
            _release(key)


def locked_loads() -> set[int]:
    """The loads that some worker has the lock of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_SPACE],
        )
        return {load_id for (load_id,) in cursor.fetchall()}


def _release(key: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    except (DatabaseError, InterfaceError):
        connection.close()
