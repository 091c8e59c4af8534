"""A batch undone: what it inserted goes, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from psycopg2 import sql

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.recording import Action, record
from hrapi.ingestion.changes import delete_kept
from hrapi.ingestion.models import Batch, RejectedRow, RowChange
from hrapi.ingestion.sent import Fault
from hrapi.ingestion.stewardship import reopen_entries
from hrapi.ingestion.transactions import in_transaction
from hrapi.tables import Table, all_tables, get_table

MAX_LISTED = 1000
UNDONE = "The batch that closed it was undone."


@dataclass(frozen=True)
class Undo:
    """What an undo did, or would do. `batch_id` is its own batch, None where nothing was recorded."""

    batch_id: int | None
    removed: int
    reopened: int


def read_undo(sent: Mapping[str, Any], faults: Sequence[Fault]) -> bool:
    """`{"dry_run": true}`, or nothing: whether it is a dry run. Raises ProblemError for anything else."""
    if faults or not sent.keys() <= {"dry_run"} or type(sent.get("dry_run", False)) is not bool:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER, 'Send nothing, or {"dry_run": true} to look only.'
        )
    return bool(sent.get("dry_run"))


def may_undo(table: Table, user: Any) -> bool:
    """Whether the user may undo what was stored in the table."""
    return bool(user.has_perm(f"{table.model._meta.app_label}.delete_{table.singular}"))


def refuse_if_forbidden(table: Table, user: User) -> None:
    """Raises ProblemError when the user may not undo what was stored in the table."""
    if not may_undo(table, user):
        raise ProblemError(
            ProblemCode.PERMISSION_DENIED, f"You may not delete rows of {table.name}."
        )


def undo_batch(batch_id: int, user: User, *, dry_run: bool) -> Undo:
    """Removes the rows that a batch inserted, and opens again the entries of the reject log that it closed.

    All or nothing. Raises ProblemError when there is no such batch, when the user may not delete rows of its
    table, and with the lists `changed` and `referred_to` when rows were changed since, or others refer to them.
    """

    def work() -> Undo:
        batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
        if batch is None:
            raise ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
        table = get_table(batch.table)
        refuse_if_forbidden(table, user)
        _lock_rows(table, batch_id)
        _refuse_if_in_use(table, batch_id)
        undo = Batch.objects.create(
            table=table.name,
            source=Batch.Source.UNDO,
            mode=Batch.Mode.ATOMIC,
            user=user,
            undoes=batch_id,
            created_at=(now := timezone.now()),
            finished_at=now,
        )
        removed = delete_kept(
            table,
            sql.SQL("t.batch_id = %s"),
            [batch_id],
            RowChange.Action.UNDONE,
            user_id=user.pk,
            undo=undo.pk,
        )
        with connection.cursor() as cursor:
            # Django's foreign keys are checked at commit: somebody may refer to a row just now.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        reopened = _reopen(table, batch_id, undo.pk, user)
        if dry_run or not (removed or reopened):
            transaction.set_rollback(True)
            return Undo(None, removed, reopened)
        Batch.objects.filter(pk=undo.pk).update(removed=removed)
        Batch.objects.filter(pk=batch_id).update(undone_by=undo.pk)
        what = {"batch": batch_id, "undo": undo.pk, "table": table.name, "removed": removed}
        record(Action.BATCH_UNDONE, what | {"reopened": reopened}, user=user)
        return Undo(undo.pk, removed, reopened)

    return in_transaction(work)


def _lock_rows(table: Table, batch_id: int) -> None:
    """So that nobody changes a row between the look and the end."""
    lock = sql.SQL("SELECT FROM {table} WHERE batch_id = %s ORDER BY id FOR UPDATE").format(
        table=sql.Identifier(table.db_table)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM ({}) AS locked").format(lock), [batch_id])


def _refuse_if_in_use(table: Table, batch_id: int) -> None:
    changed = _changed(table, batch_id)
    referred_to = _referred_to(table, batch_id)
    if changed or referred_to:
        reasons = [
            *(["rows were changed since"] if changed else []),
            *(["other rows refer to its rows"] if referred_to else []),
        ]
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"Batch {batch_id} cannot be undone: {' and '.join(reasons)}. Nothing was removed.",
            changed=changed,
            referred_to=referred_to,
        )


def _changed(table: Table, batch_id: int) -> list[int]:
    """The ids of rows of the batch that were changed since, the first thousand of them."""
    query = sql.SQL(
        "SELECT t.id FROM {table} AS t WHERE t.batch_id = %s AND EXISTS ("
        '  SELECT FROM row_changes AS c WHERE c."table" = %s AND c.row_id = t.id'
        "  AND c.batch_id = t.batch_id AND c.action = %s"
        ") ORDER BY 1 LIMIT %s"
    ).format(table=sql.Identifier(table.db_table))
    values: list[Any] = [batch_id, table.name, RowChange.Action.CHANGED.value, MAX_LISTED]
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row_id for (row_id,) in cursor.fetchall()]


def _referred_to(table: Table, batch_id: int) -> list[dict[str, Any]]:
    """`[{"id": 12, "by": "employees", "rows": 3}]`: rows of the batch that others refer to, a thousand at most."""
    found = []
    for other in all_tables():
        for reference in other.references:
            if reference.table != table.db_table:
                continue
            query = sql.SQL(
                "SELECT t.id, count(*) FROM {table} AS t JOIN {other} AS o ON o.{field} = t.id"
                " WHERE t.batch_id = %s GROUP BY 1 ORDER BY 1 LIMIT %s"
            ).format(
                table=sql.Identifier(table.db_table),
                other=sql.Identifier(other.db_table),
                field=sql.Identifier(reference.field),
            )
            with connection.cursor() as cursor:
                cursor.execute(query, [batch_id, MAX_LISTED])
                found += [
                    {"id": row_id, "by": other.name, "rows": rows}
                    for row_id, rows in cursor.fetchall()
                ]
    return found


def _reopen(table: Table, batch_id: int, record_id: int, user: User) -> int:
    """Opens the entries that the batch, or a row that it had brought, has closed; how many they were.

    None whose row is stored now.
    """
    closed = sql.SQL(
        "SELECT id FROM rejected_rows AS entry WHERE status = 'resolved' AND \"table\" = %s"
        " AND (history->-1->'batch' = to_jsonb(%s::bigint) OR EXISTS ("
        '  SELECT FROM row_changes AS c WHERE c.row_id = entry.row_id AND c."table" = entry."table"'
        "  AND c.undo = %s))"
        " AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.id = entry.row_id)"
    ).format(table=sql.Identifier(table.db_table))
    with connection.cursor() as cursor:
        cursor.execute(closed, [table.name, batch_id, record_id])
        ids = [entry for (entry,) in cursor.fetchall()]
    entries = RejectedRow.objects.filter(pk__in=ids)
    return len(reopen_entries(entries, reason=UNDONE, user=user, batch=record_id))
