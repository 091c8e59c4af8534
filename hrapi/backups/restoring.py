"""Tables back from a backup: the whole change in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg2 import errorcodes, sql

from hrapi.backups.errors import BackupError
from hrapi.backups.locking import limited_waits
from hrapi.backups.manifest import Manifest
from hrapi.backups.staging import (
    OnProgress,
    Plan,
    RestoreMode,
    differs,
    stage_all,
    staged,
    value_of,
)
from hrapi.backups.stored import BATCHES, StoredTable, stored_tables
from hrapi.ingestion.models import KeptAnswer
from hrapi.privacy.records import ErasureRecord, remember

MAX_ATTEMPTS = 5
Result = TypeVar("Result")
_SHOWN_IDS = 10


def restore_tables(
    directory: Path,
    manifest: Manifest,
    tables: Sequence[StoredTable],
    mode: RestoreMode,
    *,
    before_destroying: Callable[[Plan], None],
    on_progress: OnProgress,
    erasures: Sequence[ErasureRecord] = (),
) -> Plan:
    """Restores tables from a verified backup, all or none. Others read the old rows meanwhile, and write after it.

    `before_destroying` is called once no row can change any more, when rows would change or go; what it raises
    calls the restore off. What `erasures` say was erased since the backup stays away. Raises BackupError when
    rows would refer to rows that are not there, or others hold what it needs for long.
    """

    def work() -> Plan:
        with transaction.atomic(durable=True), limited_waits(connection):
            _lock()
            plan = stage_all(directory, manifest, tables, mode, on_progress, erasures)
            if plan.destroys:
                before_destroying(plan)
            # Children go before their parents and come after them.
            for table in reversed(tables):
                _remove(table, mode)
            for table in tables:
                _insert(table)
            _check_references(tables)
            for table in tables:
                _check_result(table, mode)
                _raise_sequence(table)
            # They speak of rows that may be gone: requests that are sent again are carried out again. Not those
            # whose answer was erased, which has no fingerprint: they would bring back what it spoke of.
            KeptAnswer.objects.exclude(fingerprint="").delete()
            remember(erasures)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return plan

    try:
        return unless_in_each_others_way(work)
    except IntegrityError as error:
        raise BackupError(f"The database refuses the rows: {str(error).splitlines()[0]}") from error


def unless_in_each_others_way(work: Callable[[], Result]) -> Result:
    """Does the work again when PostgreSQL ended it because a writer and it waited for each other."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != errorcodes.DEADLOCK_DETECTED:
                raise
    return work()


def _lock() -> None:
    """All tables, in the order in which a batch is written: the batch, the rows, what was rejected."""
    tables = sorted(stored_tables(), key=lambda table: table is not BATCHES)
    names = sql.SQL(", ").join(sql.Identifier(table.db_table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))


def _remove(table: StoredTable, mode: RestoreMode) -> None:
    """Takes out the rows that differ, and, to replace the table, those that the backup lacks."""
    condition = differs(table)
    if mode is RestoreMode.REPLACE:
        condition = sql.SQL("s.id IS NULL OR {}").format(condition)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "DELETE FROM {table} WHERE id IN"
                " (SELECT t.id FROM {table} t LEFT JOIN {staged} s ON s.id = t.id WHERE {condition})"
            ).format(
                table=sql.Identifier(table.db_table), staged=staged(table), condition=condition
            )
        )


def _insert(table: StoredTable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}) SELECT {values} FROM {staged} s"
                " WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.id = s.id)"
            ).format(
                table=sql.Identifier(table.db_table),
                columns=sql.SQL(", ").join(
                    sql.Identifier(column.db_column) for column in table.columns
                ),
                values=sql.SQL(", ").join(map(value_of, table.columns)),
                staged=staged(table),
            )
        )


def _check_references(tables: Sequence[StoredTable]) -> None:
    """Raises BackupError with the ids that rows in, or to, the restored tables refer to and that are not there."""
    restored = {table.db_table for table in tables}
    for table in stored_tables():
        for reference in table.references:
            if not restored & {table.db_table, reference.table}:
                continue
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL(
                        "SELECT DISTINCT t.{column} FROM {table} t WHERE t.{column} IS NOT NULL"
                        " AND NOT EXISTS (SELECT FROM {other} o WHERE o.id = t.{column})"
                        " ORDER BY 1 LIMIT %s"
                    ).format(
                        column=sql.Identifier(reference.column),
                        table=sql.Identifier(table.db_table),
                        other=sql.Identifier(reference.table),
                    ),
                    [_SHOWN_IDS + 1],
                )
                ids = [found for (found,) in cursor.fetchall()]
            if ids:
                shown = ", ".join(map(str, ids[:_SHOWN_IDS])) + (", …" if ids[_SHOWN_IDS:] else "")
                raise BackupError(
                    f"Nothing was restored: {table.name} would refer by {reference.column} to rows of"
                    f" {reference.table} that are not there: {shown}. Restore those tables together."
                )


def _check_result(table: StoredTable, mode: RestoreMode) -> None:
    """The table holds what was staged: compared in the database, whatever was planned."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT (SELECT count(*) FROM {table}), count(*), count(*) FILTER (WHERE {same})"
                " FROM {staged} s LEFT JOIN {table} t ON t.id = s.id"
            ).format(
                table=sql.Identifier(table.db_table),
                staged=staged(table),
                same=sql.SQL("t.id IS NOT NULL AND NOT ({})").format(differs(table)),
            )
        )
        now, expected, same = cursor.fetchone()
    if same != expected or (mode is RestoreMode.REPLACE and now != expected):
        raise BackupError(
            f"Nothing was restored: {table.name} would have {now:,} rows, {same:,} of them as in the"
            f" backup, instead of {expected:,}."
        )


def _raise_sequence(table: StoredTable) -> None:
    """The next id comes after all that are there. Only ever upwards: what was handed out may be in use."""
    if not table.numbers_itself:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table.db_table])
        [sequence] = cursor.fetchone()
        cursor.execute(
            sql.SQL(
                "SELECT setval(%s, greatest_id) FROM (SELECT max(id) AS greatest_id FROM {table}) m,"
                " (SELECT last_value FROM {sequence}) q WHERE greatest_id > last_value"
                " OR (greatest_id = last_value AND NOT (SELECT is_called FROM {sequence}))"
            ).format(table=sql.Identifier(table.db_table), sequence=sql.SQL(sequence)),
            [sequence],
        )
