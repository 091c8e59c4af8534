"""What stored rows held before they were changed or removed, kept in the transaction that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg2 import sql

from hrapi.ingestion.models import RowChange
from hrapi.model_fields import BROUGHT_BY
from hrapi.tables import Table


def record_change(table: Table, row_id: int, *, user_id: int | None) -> None:
    """Keeps the row as it is now, before it is changed."""
    source = sql.SQL("SELECT * FROM {table} WHERE id = %s").format(
        table=sql.Identifier(table.db_table)
    )
    _keep(table, source, [row_id], RowChange.Action.CHANGED, user_id=user_id)


def delete_kept(
    table: Table,
    condition: sql.Composable,
    values: Sequence[Any],
    action: RowChange.Action,
    *,
    user_id: int | None,
    undo: int | None = None,
) -> int:
    """Deletes the rows `t` that the condition holds for, and keeps what they held. How many they were."""
    source = sql.SQL("DELETE FROM {table} AS t WHERE {condition} RETURNING t.*").format(
        table=sql.Identifier(table.db_table), condition=condition
    )
    return _keep(table, source, values, action, user_id=user_id, undo=undo)


def _keep(
    table: Table,
    source: sql.Composable,
    values: Sequence[Any],
    action: RowChange.Action,
    *,
    user_id: int | None,
    undo: int | None = None,
) -> int:
    fields = sql.SQL(", ").join(
        sql.SQL("{}, {}").format(sql.Literal(field), sql.Identifier(field))
        for field in table.fields
    )
    keep = sql.SQL(
        "WITH source AS ({source})"
        ' INSERT INTO row_changes ("table", row_id, {brought_by}, action, before, undo, user_id, at)'
        " SELECT %s, id, {brought_by}, %s, jsonb_build_object({fields}), %s, %s, now() FROM source"
    ).format(
        source=source,
        brought_by=sql.SQL(", ").join(map(sql.Identifier, BROUGHT_BY)),
        fields=fields,
    )
    with connection.cursor() as cursor:
        cursor.execute(keep, [*values, table.name, action.value, undo, user_id])
        return int(cursor.rowcount)
