"""Taking what was erased out of tables: of the service, or with the rows of a backup that are to be restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg2 import sql

from hrapi.ingestion.forgetting import forget_rows
from hrapi.ingestion.writing import history_event
from hrapi.privacy.records import ErasureRecord

ERASED = "(erased)"
REASON = "Its row was erased."

_TEXTS = (
    "batches.file_name",
    "batches.refused_detail",
    "loads.file_name",
    "loads.error_detail",
    "token_details.name",
)


@dataclass(frozen=True)
class Copy:
    """Where the tables are: what stands before their names, and the type of their columns of JSON."""

    prefix: str = ""
    json: str = "jsonb"

    def run(
        self, table: str, statement: str, values: Sequence[Any], **parts: sql.Composable
    ) -> set[int]:
        """The ids of the rows that a statement with `{table}`, `{json}` and other `parts` changed."""
        query = sql.SQL(statement + " RETURNING id").format(
            table=sql.Identifier(f"{self.prefix}{table}"), json=sql.SQL(self.json), **parts
        )
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return {row_id for (row_id,) in cursor.fetchall()}


LIVE = Copy()


def clear_table(table: str, record: ErasureRecord, copy: Copy, *, user: str | None = None) -> int:
    """Takes what the record says out of one table; how many rows that changed or removed."""
    changed: set[int] = set()
    if table == record.table:
        changed |= copy.run(table, "DELETE FROM {table} WHERE id = %s", [record.row_id])
    if table == "row_changes":
        changed |= copy.run(
            table,
            "UPDATE {table} SET before = '{{}}'"
            " WHERE \"table\" = %s AND row_id = %s AND before::jsonb <> '{{}}'",
            [record.table, record.row_id],
        )
    if table == "rejected_rows":
        changed |= _clear_log(record, copy, user)
    for column in _TEXTS:
        if column.startswith(f"{table}."):
            name = column.partition(".")[2]
            changed |= copy.run(
                table,
                "UPDATE {table} SET {column} = %s WHERE id = ANY(%s) AND {column} <> ''",
                [ERASED, record.ids(column)],
                column=sql.Identifier(name),
            )
    if table == "loads":
        changed |= copy.run(
            table,
            "UPDATE {table} SET"
            " dry_run_answer = jsonb_set(dry_run_answer::jsonb, '{{rejected_rows}}', '[]')::{json}"
            " WHERE id = ANY(%s) AND dry_run_answer IS NOT NULL",
            [record.ids("loads.dry_run_answer")],
        )
    return len(changed)


def _clear_log(record: ErasureRecord, copy: Copy, user: str | None) -> set[int]:
    """What was sent goes, and with it the work that there was: entries that were open are discarded."""
    event = history_event("erased", user=user, reason=REASON, at=record.erased_at)
    whose = sql.SQL('(("table" = %s AND row_id = %s) OR id = ANY(%s))')
    values = [record.table, record.row_id, record.ids("rejected_rows.raw")]
    changed = copy.run(
        "rejected_rows",
        "UPDATE {table} SET status = CASE status WHEN 'open' THEN 'discarded' ELSE status END,"
        " history = (coalesce(history::jsonb, '[]') || %s::jsonb)::{json}"
        " WHERE raw <> '' AND {whose}",
        [event, *values],
        whose=whose,
    )
    forget_rows(whose, values, entries=f"{copy.prefix}rejected_rows", json=copy.json)
    return changed | copy.run(
        "rejected_rows",
        "UPDATE {table} AS entry SET history = ("
        "  SELECT jsonb_agg(CASE each->>'reason' WHEN '' THEN each"
        "   ELSE jsonb_set(each, '{{reason}}', to_jsonb(%s::text)) END ORDER BY number)"
        "  FROM jsonb_array_elements(entry.history::jsonb) WITH ORDINALITY AS events (each, number)"
        " )::{json} WHERE id = ANY(%s) AND jsonb_array_length(entry.history::jsonb) > 0",
        [ERASED, record.ids("rejected_rows.history")],
    )
