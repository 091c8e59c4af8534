"""Changing and deleting one stored row. The same schema and references as for rows that arrive."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg2 import errorcodes, sql

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.ingestion.transactions import in_transaction, sqlstate
from hrapi.ingestion.validation import validate_rows
from hrapi.ingestion.verdicts import in_field_order, reference_faults
from hrapi.tables import Table


def update_row(table: Table, row_id: int, content: dict[str, Any]) -> list[Fault]:
    """Replaces the row's content. Returns its faults; then nothing was changed.

    Raises ProblemError when the row is gone, or `content` has another id.
    """
    [checked] = validate_rows(table, [SentRow(0, None, content, content)])
    if checked.row_id is not None and checked.row_id != row_id:
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"The body has the id {checked.row_id}, the address {row_id}. An id cannot be changed.",
        )

    def work() -> list[Fault]:
        faults = in_field_order(table, [*checked.faults, *reference_faults(table, checked)])
        if checked.values is None or faults:
            return faults
        statement = sql.SQL("UPDATE {table} SET {columns} WHERE id = %s").format(
            table=sql.Identifier(table.db_table),
            columns=sql.SQL(", ").join(
                sql.SQL("{} = %s").format(sql.Identifier(field)) for field in table.fields[1:]
            ),
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*checked.values[1:], row_id])
            if cursor.rowcount == 0:
                raise ProblemError(ProblemCode.NOT_FOUND, "The row has just been deleted.")
        return []

    return in_transaction(work)


def delete_row(table: Table, row_id: int) -> None:
    """Deletes the row. Raises ProblemError while something refers to it, or when it is gone."""
    statement = sql.SQL("DELETE FROM {table} WHERE id = %s").format(
        table=sql.Identifier(table.db_table)
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [row_id])
            if cursor.rowcount == 0:
                raise ProblemError(ProblemCode.NOT_FOUND, "The row has just been deleted.")
            # Django's foreign keys are checked at commit; the client must hear of it here.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        if sqlstate(error) != errorcodes.FOREIGN_KEY_VIOLATION:
            raise
        referring = getattr(getattr(error.__cause__, "diag", None), "table_name", "other rows")
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"Rows of {referring} refer to {table.singular} {row_id}. Change or delete them first.",
        ) from None
