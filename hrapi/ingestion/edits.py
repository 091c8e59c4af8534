"""Changing and deleting one stored row. The same schema and references as for rows that arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from psycopg2 import errorcodes, sql

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.recording import Action, record
from hrapi.ingestion.changes import delete_kept, record_change
from hrapi.ingestion.models import RowChange
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.ingestion.transactions import in_transaction, sqlstate
from hrapi.ingestion.validation import Values, validate_rows
from hrapi.ingestion.verdicts import in_field_order, reference_faults
from hrapi.ingestion.writing import CHANGED, resolve_rows
from hrapi.tables import Table


@dataclass(frozen=True)
class Edit:
    """What a change came to: the row's new values, or the faults for which nothing was changed."""

    values: Values
    faults: list[Fault]


def update_row(
    table: Table,
    row_id: int,
    faults: list[Fault],
    changed: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    user: User,
) -> Edit:
    """Replaces the row's content by what `changed` makes of the stored one, unless there are `faults` already.

    What it was is kept. That closes the open entries of the reject log for rows with its id. The row is locked
    meanwhile, so that of two changes to different fields none is lost. Raises ProblemError when there is no such
    row, or when the content has another id.
    """

    def work() -> Edit:
        edit = _update(table, row_id, faults, changed, user)
        if not edit.faults:
            resolve_rows(table, [row_id], user=user.get_username(), reason=CHANGED)
        return edit

    return in_transaction(work)


def _update(
    table: Table,
    row_id: int,
    faults: list[Fault],
    changed: Callable[[dict[str, Any]], dict[str, Any]],
    user: User,
) -> Edit:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.fields))
    name = sql.Identifier(table.db_table)
    with connection.cursor() as cursor:
        lock = sql.SQL("SELECT {columns} FROM {table} WHERE id = %s FOR UPDATE")
        cursor.execute(lock.format(columns=columns, table=name), [row_id])
        stored = cursor.fetchone()
        if stored is None:
            raise ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
        content = changed(dict(zip(table.fields, stored, strict=True)))
        [checked] = validate_rows(table, [SentRow(0, None, content, content)])
        if not faults and checked.row_id is not None and checked.row_id != row_id:
            raise ProblemError(
                ProblemCode.CONFLICT,
                f"The body has the id {checked.row_id}, the address {row_id}."
                " An id cannot be changed.",
            )
        found = [*faults, *checked.faults, *reference_faults(table, checked)]
        if checked.values is None or found:
            return Edit(stored, in_field_order(table, found))
        if checked.values == stored:
            return Edit(stored, [])
        record_change(table, row_id, user_id=user.pk)
        update = sql.SQL("UPDATE {table} SET ({columns}) = ROW({values}) WHERE id = %s")
        places = sql.SQL(", ").join([sql.Placeholder()] * len(table.fields))
        cursor.execute(
            update.format(table=name, columns=columns, values=places), [*checked.values, row_id]
        )
    return Edit(checked.values, [])


def delete_row(table: Table, row_id: int, *, user: User) -> None:
    """Deletes the row. Raises ProblemError while something refers to it, or when it is gone."""
    try:
        with transaction.atomic():
            condition = sql.SQL("t.id = %s")
            action = RowChange.Action.DELETED
            if not delete_kept(table, condition, [row_id], action, user_id=user.pk):
                raise ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
            with connection.cursor() as cursor:
                # Django's foreign keys are checked at commit; the client must hear of it here.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            record(
                Action.ROW_DELETED,
                {"table": table.name, "id": row_id},
                user=user,
            )
    except IntegrityError as error:
        if sqlstate(error) != errorcodes.FOREIGN_KEY_VIOLATION:
            raise
        referring = getattr(getattr(error.__cause__, "diag", None), "table_name", "other rows")
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"Rows of {referring} refer to {table.singular} {row_id}. Change or delete them first.",
        ) from None
