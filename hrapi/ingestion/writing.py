"""Rows and rejections into their tables: one COPY each, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db import connection
from pydantic_core import to_json

from hrapi.ingestion.harmless import (
    content_hash,
    raw_text,
)
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.sent import MAX_RAW_CHARACTERS
from hrapi.ingestion.validation import Values
from hrapi.ingestion.verdicts import Rejection, Verdicts
from hrapi.pg_copy import copy_into
from hrapi.tables import Table

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
)

# One round trip: the older open entries of the same content give way, and the new ones get their ids. LIMIT
# keeps the planner at the index of open entries, as with the rows that are stored.
_SUPERSEDE_AND_NUMBER = """
    WITH superseded AS (
        UPDATE rejected_rows SET status = 'superseded'
        WHERE id = ANY(ARRAY(
            SELECT entry.id FROM unnest(%s::text[]) AS sent (content_hash), LATERAL (
                SELECT id FROM rejected_rows
                WHERE status = 'open' AND content_hash = sent.content_hash
                LIMIT 1
            ) AS entry
        ))
    )
    SELECT nextval((SELECT pg_get_serial_sequence('rejected_rows', 'id')::regclass))
    FROM generate_series(1, %s)
"""


def copy_rows(table: Table, rows: Iterable[Values], *, batch_id: int) -> None:
    """Stores rows that have been judged. Raises IntegrityError when somebody else was faster.

    They go in the order of their ids, so that two batches that share ids wait for each other instead
    of deadlocking.
    """
    stored = [(*values, batch_id) for values in sorted(rows)]
    if stored:
        copy_into(connection, table.db_table, (*table.fields, "batch_id"), [stored])


def log_rejections(table: Table, rejections: Sequence[Rejection], *, batch_id: int) -> None:
    """Keeps each rejected row with its reasons, open, and gives each rejection the id of its entry."""
    if not rejections:
        return
    raws = [raw_text(rejection.sent) for rejection in rejections]
    hashes = [
        content_hash(table.name, rejection.sent, raw)
        for rejection, raw in zip(rejections, raws, strict=True)
    ]
    with connection.cursor() as cursor:
        digests = "{" + ",".join(set(hashes)) + "}"
        cursor.execute(_SUPERSEDE_AND_NUMBER, [digests, len(rejections)])
        ids = sorted(number for (number,) in cursor.fetchall())
    last_of_content = {digest: position for position, digest in enumerate(hashes)}
    now = datetime.now(UTC)
    entries = []
    for position, (rejection, raw, digest) in enumerate(zip(rejections, raws, hashes, strict=True)):
        rejection.rejected_row = ids[position]
        is_last = last_of_content[digest] == position
        codes = dict.fromkeys(fault.code.value for fault in rejection.faults)
        entries.append(
            (
                rejection.rejected_row,
                batch_id,
                table.name,
                rejection.sent.index,
                rejection.sent.line,
                rejection.row_id,
                raw[:MAX_RAW_CHARACTERS],
                len(raw),
                to_json(rejection.errors).decode(),
                "{" + ",".join(codes) + "}",
                RejectedRow.Status.OPEN.value if is_last else RejectedRow.Status.SUPERSEDED.value,
                digest,
                now,
            )
        )
    copy_into(connection, RejectedRow._meta.db_table, _REJECTED_COLUMNS, [entries])


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
