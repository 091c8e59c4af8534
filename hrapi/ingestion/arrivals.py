"""A row that lacks another one, and that other one, sent at the same moment: neither may miss the other.

Who brings rows that can be referred to holds a lock from before it looks for waiting rows until its commit. Who
rejects rows for lack of them shares that lock from before a last look until its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from psycopg2 import sql

from hrapi.ingestion.transactions import OvertakenError, lock_number
from hrapi.ingestion.verdicts import Rejection
from hrapi.tables import Table, all_tables


def announce_arrivals(table: Table) -> Sequence[Table]:
    """The tables that refer to this one, whose waiting rows can be looked for from here to the commit."""
    referring = [
        other
        for other in all_tables()
        if any(reference.table == table.db_table for reference in other.references)
    ]
    if referring:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(table.db_table)])
    return referring


def look_again(table: Table, rejections: Sequence[Rejection]) -> None:
    """Before rejections are logged. Raises OvertakenError when something has come that one of them lacks."""
    if not settings.REPLAY_REJECTED_ROWS:
        return
    table_of_code = {reference.code: reference.table for reference in table.references}
    lacking: defaultdict[str, set[int]] = defaultdict(set)
    for rejection in rejections:
        for fault in rejection.faults:
            if fault.code in table_of_code:
                lacking[table_of_code[fault.code]].add(fault.value)
    if not lacking:
        return
    names = sorted(lacking)
    looks = sql.SQL(" OR ").join(
        sql.SQL("EXISTS (SELECT FROM {} WHERE id = ANY(%s))").format(sql.Identifier(name))
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(key) FROM unnest(%s::bigint[]) AS key",
            [[_key(name) for name in names]],
        )
        # A statement of its own: it sees what was committed until the locks were had.
        cursor.execute(sql.SQL("SELECT ") + looks, [list(lacking[name]) for name in names])
        [has_come] = cursor.fetchone()
    if has_come:
        raise OvertakenError


def _key(db_table: str) -> int:
    return lock_number(f"arrivals {db_table}")
