"""Rows and rejections into their tables: one COPY each, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from django.db import connection
from psycopg2 import sql
from pydantic_core import to_json

from hrapi.ingestion.harmless import kept_row
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.validation import CheckedRow
from hrapi.ingestion.verdicts import CONFLICTS, Rejection, Verdicts
from hrapi.model_fields import BROUGHT_BY
from hrapi.pg_copy import copy_into
from hrapi.tables import Table

ACCEPTED = "A row with this id was taken."
CORRECTED = "It was corrected and sent again."
ARRIVED = "What it refers to has arrived."
SETTLED_BEFORE = "It came back untouched, after its entry had been closed."
CHANGED = "The row with this id was changed."

_REJECTED_COLUMNS = (
    "id",
    "batch_id",
    "table",
    "index",
    "line",
    "row_id",
    "raw",
    "raw_length",
    "errors",
    "codes",
    "status",
    "content_hash",
    "created_at",
    "history",
)

# One round trip: the older open entries of the same content give way, and the new ones get their ids. LIMIT
# keeps the planner at the index of open entries, as with the rows that are stored.
_SUPERSEDE_AND_NUMBER = """
    WITH superseded AS (
        UPDATE rejected_rows SET status = 'superseded', history = history || %s::jsonb
        WHERE id = ANY(ARRAY(
            SELECT entry.id FROM unnest(%s::text[]) AS sent (content_hash), LATERAL (
                SELECT id FROM rejected_rows
                WHERE status = 'open' AND content_hash = sent.content_hash
                LIMIT 1
            ) AS entry
        )) AND status = 'open' -- Somebody may have closed it while this waited for the row.
    )
    SELECT nextval((SELECT pg_get_serial_sequence('rejected_rows', 'id')::regclass))
    FROM generate_series(1, %s)
"""

# OFFSET keeps the planner at the index of open entries.
_RESOLVE_ROWS = """
    UPDATE rejected_rows SET status = 'resolved', history = history || %s::jsonb
    WHERE id = ANY(ARRAY(
        SELECT entry.id FROM unnest(%s::bigint[], %s::boolean[]) AS taken (id, is_new), LATERAL (
            SELECT id FROM rejected_rows
            WHERE status = 'open' AND row_id = taken.id AND "table" = %s
                AND (taken.is_new OR NOT codes && %s::varchar[])
                AND content_hash <> ALL(%s::text[])
                AND id <> ALL(%s::bigint[])
            OFFSET 0
        ) AS entry
        ORDER BY entry.id
    )) AND status = 'open' -- Somebody may have closed it while this waited for the row.
"""


def copy_rows(table: Table, rows: Iterable[CheckedRow], *, batch_id: int) -> None:
    """Stores rows that have been judged. Raises IntegrityError when somebody else was faster.

    They go in the order of their ids, so that two batches that share ids wait for each other instead
    of deadlocking.
    """
    stored = sorted((*(row.values or ()), batch_id, row.sent.line) for row in rows)
    if stored:
        copy_into(connection, table.db_table, (*table.fields, *BROUGHT_BY), [stored])


def log_rejections(
    table: Table, rejections: Sequence[Rejection], *, batch_id: int, user: str | None
) -> None:
    """Keeps each rejected row with its reasons, open, and gives each rejection the id of its entry."""
    if not rejections:
        return
    kept_rows = [kept_row(table.name, rejection.sent) for rejection in rejections]
    hashes = [kept.content_hash for kept in kept_rows]
    event = history_event("superseded", batch=batch_id, user=user)
    corrected = [r.sent.corrects for r in rejections if r.sent.corrects is not None]
    close_entries(table, corrected, RejectedRow.Status.SUPERSEDED, event)
    with connection.cursor() as cursor:
        digests = (
            "{" + ",".join({kept.content_hash for kept in kept_rows if not kept.settled}) + "}"
        )
        cursor.execute(_SUPERSEDE_AND_NUMBER, [event, digests, len(rejections)])
        ids = sorted(number for (number,) in cursor.fetchall())
    # What comes after a rejection is a later one of the same content, or the row itself, which is taken.
    following: list[Rejection | None] = []
    next_of_content: dict[str, Rejection] = {}
    for rejection, digest in zip(reversed(rejections), reversed(hashes), strict=True):
        following.append(next_of_content.get(digest))
        next_of_content[digest] = rejection
    following.reverse()
    now = datetime.now(UTC)
    overtaken = f"[{history_event('resolved', batch=batch_id, user=user, reason=ACCEPTED)}]"
    entries = []
    for position, (rejection, kept) in enumerate(zip(rejections, kept_rows, strict=True)):
        rejection.rejected_row = ids[position]
        later = following[position]
        settled_at = rejection.settled_at
        if kept.settled:
            # Somebody has dealt with it while the file was away, and nobody has touched it since.
            status = RejectedRow.Status(kept.settled)
            again = history_event(kept.settled, batch=batch_id, user=user, reason=SETTLED_BEFORE)
            history = f"[{again}]"
        elif settled_at is not None and (later is None or settled_at < later.sent.index):
            status, history = RejectedRow.Status.RESOLVED, overtaken
        elif later:
            status, history = RejectedRow.Status.SUPERSEDED, f"[{event}]"
        else:
            status, history = RejectedRow.Status.OPEN, "[]"
        codes = dict.fromkeys(fault.code.value for fault in rejection.faults)
        entries.append(
            (
                rejection.rejected_row,
                batch_id,
                table.name,
                rejection.sent.index,
                rejection.sent.line,
                rejection.row_id,
                kept.raw,
                kept.raw_length,
                to_json(rejection.errors).decode(),
                "{" + ",".join(codes) + "}",
                status.value,
                kept.content_hash,
                now,
                history,
            )
        )
    copy_into(connection, RejectedRow._meta.db_table, _REJECTED_COLUMNS, [entries])


def resolve_rows(
    table: Table,
    row_ids: Collection[int],
    *,
    reason: str,
    batch: int | None = None,
    user: str | None = None,
    found: Collection[int] = (),
    rejected_before: Sequence[Rejection] = (),
    stay_open: Sequence[int] = (),
) -> None:
    """Closes the open entries of the reject log for rows with these ids, which have been taken.

    For those `found` unchanged too, but for entries that wanted other content for a stored row. Not those that
    `rejected_before`, yet to be logged, supersede: they were rejected again before. Nor those that `stay_open`.
    """
    ids = "{" + ",".join(map(str, [*row_ids, *found])) + "}"
    are_new = [True] * len(row_ids) + [False] * len(found)
    contents = [kept_row(table.name, rejection.sent).content_hash for rejection in rejected_before]
    event = history_event("resolved", batch=batch, user=user, reason=reason)
    with connection.cursor() as cursor:
        cursor.execute(
            _RESOLVE_ROWS,
            [event, ids, are_new, table.name, list(CONFLICTS), contents, list(stay_open)],
        )


def resolve_rows_of(table: Table, batch_id: int, *, user: str | None) -> None:
    """Closes the open entries of the reject log for all rows that a batch brought, none of which was rejected."""
    event = history_event("resolved", batch=batch_id, user=user, reason=ACCEPTED)
    resolve = sql.SQL(
        "UPDATE rejected_rows AS entry SET status = 'resolved', history = history || %s::jsonb"
        " FROM {table} AS taken WHERE taken.batch_id = %s AND taken.id = entry.row_id"
        " AND entry.status = 'open' AND entry.\"table\" = %s"
    ).format(table=sql.Identifier(table.db_table))
    with connection.cursor() as cursor:
        cursor.execute(resolve, [event, batch_id, table.name])


def close_entries(
    table: Table, entries: Sequence[int], status: RejectedRow.Status, event: str
) -> None:
    """Closes those of the entries that are open, and of this table."""
    if entries:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rejected_rows SET status = %s, history = history || %s::jsonb"
                " WHERE id = ANY(%s) AND status = 'open' AND \"table\" = %s",
                [status.value, event, list(entries), table.name],
            )


def set_status(entries: Sequence[int], status: RejectedRow.Status, event: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rejected_rows SET status = %s, history = history || %s::jsonb WHERE id = ANY(%s)",
            [status.value, event, list(entries)],
        )


def history_event(
    action: str,
    *,
    batch: int | None = None,
    user: str | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> str:
    """`{"at": "2026-11-24T02:48:42Z", "action": "resolved", "batch": 17, "user": "ann", "reason": "…"}`"""
    when = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    members = {"at": when, "action": action, "batch": batch, "user": user, "reason": reason}
    return to_json(members).decode()


def add_to_counts(batch_id: int, verdicts: Verdicts) -> None:
    """Adds what became of further rows of a batch to its record."""
    # By the ORM it takes twice as long, for each thousand rows of a file.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE batches SET received = received + %s, inserted = inserted + %s,"
            " unchanged = unchanged + %s, rejected = rejected + %s WHERE id = %s",
            [
                verdicts.received,
                len(verdicts.inserts),
                verdicts.unchanged,
                len(verdicts.rejections),
                batch_id,
            ],
        )
