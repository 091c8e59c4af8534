"""Entries of the reject log whose row is no longer kept: `raw` is empty, which no row that was sent ever is.

Batch, place in the file, id, codes, status and history stay, so that every count can still be explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg2 import sql

from hrapi.tables import all_tables

NO_LONGER_KEPT = "What was sent is no longer kept."
_OF_A_FAULT = "; what was sent is no longer kept."
_CHUNK_ROWS = 1000

# Names of fields that the table does not have were sent, too; messages may quote what was sent.
_FORGET = """
    UPDATE {entries} AS entry SET raw = '', raw_length = 0, content_hash = '', errors = (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'field', CASE WHEN fault->>'field' = ANY(%s) THEN fault->'field' ELSE 'null'::jsonb END,
            'code', fault->'code',
            'message', upper(left(fault->>'code', 1)) || replace(substr(fault->>'code', 2), '_', ' ') || %s,
            'value', NULL
        ) ORDER BY number), '[]'::jsonb)
        FROM jsonb_array_elements(entry.errors::jsonb) WITH ORDINALITY AS faults (fault, number)
    )::{json}
    WHERE raw <> '' AND {condition}
"""

_LONG_CLOSED = """
    SELECT id FROM rejected_rows
    WHERE id > %s AND raw <> '' AND status <> 'open' AND created_at < %s
        AND coalesce((history->-1->>'at')::timestamptz, created_at) < %s
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""


def forget_rows(
    condition: sql.Composable,
    values: Sequence[Any],
    *,
    entries: str = "rejected_rows",
    json: str = "jsonb",
) -> int:
    """Empties what was sent of the entries that the condition holds for; how many they were.

    `entries` is the name of the log or of a table like it, whose columns of JSON have the type `json`.
    """
    fields = sorted({field for table in all_tables() for field in table.fields})
    forget = sql.SQL(_FORGET).format(
        entries=sql.Identifier(entries), json=sql.SQL(json), condition=condition
    )
    with connection.cursor() as cursor:
        cursor.execute(forget, [fields, _OF_A_FAULT, *values])
        return int(cursor.rowcount)


def purge_rejected_rows() -> int:
    """Forgets the rows of entries that were closed more than settings.REJECTED_ROW_DAYS ago; how many they were.

    Open ones are never touched. A thousand at a time, each in a transaction of its own: nobody waits for long.
    """
    oldest = timezone.now() - timedelta(days=settings.REJECTED_ROW_DAYS)
    number, last = 0, 0
    while ids := _forget_some(last, oldest):
        number, last = number + len(ids), ids[-1]
    return number


def _forget_some(after: int, oldest: Any) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LONG_CLOSED, [after, oldest, oldest, _CHUNK_ROWS])
        ids = [entry for (entry,) in cursor.fetchall()]
        forget_rows(sql.SQL("id = ANY(%s)"), [ids])
    return ids
