"""Tables back from a backup: the plan, and the whole change in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg2 import errorcodes, sql

from hrapi.backups.avro_files import read_rows
from hrapi.backups.errors import BackupError
from hrapi.backups.manifest import Manifest, TableEntry
from hrapi.backups.snapshot import columns_read
from hrapi.backups.stored import BATCHES, REJECTED_ROWS, Column, Kind, StoredTable, stored_tables
from hrapi.ingestion.models import KeptAnswer
from hrapi.pg_copy import copy_into

MAX_ATTEMPTS = 5
_SHOWN_IDS = 10


class RestoreMode(StrEnum):
    """`REPLACE`: the table becomes exactly the backup. `MERGE`: rows of the backup win, other rows stay."""

    REPLACE = "replace"
    MERGE = "merge"


@dataclass(frozen=True)
class TablePlan:
    """What restoring one table comes to, in rows."""

    table: str
    now: int
    in_backup: int
    insert: int
    update: int
    delete: int


@dataclass(frozen=True)
class Plan:
    """What restoring a backup comes to. It destroys something where rows would change or go."""

    backup: str
    tables: tuple[TablePlan, ...]

    @property
    def destroys(self) -> bool:
        return any(table.update or table.delete for table in self.tables)

    @property
    def changes(self) -> bool:
        return self.destroys or any(table.insert for table in self.tables)


OnProgress = Callable[[str, int], None]


def plan_restore(
    directory: Path,
    manifest: Manifest,
    tables: Sequence[StoredTable],
    mode: RestoreMode,
    *,
    on_progress: OnProgress,
) -> Plan:
    """What `restore_tables` would do now. Changes nothing and locks nobody out."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        plan = _stage_all(directory, manifest, tables, mode, on_progress)
        transaction.set_rollback(True)
    return plan


def restore_tables(
    directory: Path,
    manifest: Manifest,
    tables: Sequence[StoredTable],
    mode: RestoreMode,
    *,
    before_destroying: Callable[[Plan], None],
    on_progress: OnProgress,
) -> Plan:
    """Restores tables from a verified backup, all or none. Others read the old rows meanwhile, and write after it.

    `before_destroying` is called once no row can change any more, when rows would change or go; what it raises
    calls the restore off. Raises BackupError when rows would refer to rows that are not there.
    """

    def work() -> Plan:
        with transaction.atomic(durable=True):
            _lock()
            plan = _stage_all(directory, manifest, tables, mode, on_progress)
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
            # They speak of rows that may be gone: requests that are sent again are carried out again.
            KeptAnswer.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return plan

    try:
        return _unless_in_each_others_way(work)
    except IntegrityError as error:
        raise BackupError(f"The database refuses the rows: {str(error).splitlines()[0]}") from error


def _unless_in_each_others_way(work: Callable[[], Plan]) -> Plan:
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


def _stage_all(
    directory: Path,
    manifest: Manifest,
    tables: Sequence[StoredTable],
    mode: RestoreMode,
    on_progress: OnProgress,
) -> Plan:
    entries = {entry.table: entry for entry in manifest.tables}
    return Plan(
        manifest.id, tuple(_stage(directory, entries[t.name], t, mode, on_progress) for t in tables)
    )


def _stage(
    directory: Path,
    entry: TableEntry,
    table: StoredTable,
    mode: RestoreMode,
    on_progress: OnProgress,
) -> TablePlan:
    """Loads the rows that the table is to have beside it, and compares. Raises BadBackupError for another file."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.kind.value.staged))
        for column in table.columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(_staged(table), columns)
        )
    names = [column.name for column in table.columns]
    copy_into(connection, _staged_name(table), names, _chunks(directory, entry, table, on_progress))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(_staged(table)))
        cursor.execute(sql.SQL("ANALYZE {}").format(_staged(table)))
        _create_accounts(cursor, table)
        if mode is RestoreMode.MERGE:
            _settle_open_entries(cursor, table)
        cursor.execute(
            sql.SQL(
                "SELECT count(t.id), count(*) FILTER (WHERE t.id IS NULL),"
                " count(*) FILTER (WHERE {differs}), count(*) FILTER (WHERE s.id IS NULL)"
                " FROM {table} t FULL JOIN {staged} s ON s.id = t.id"
            ).format(
                differs=_differs(table),
                table=sql.Identifier(table.db_table),
                staged=_staged(table),
            )
        )
        now, insert, update, only_here = cursor.fetchone()
    delete = only_here if mode is RestoreMode.REPLACE else 0
    return TablePlan(table.name, now, entry.rows, insert, update, delete)


def _chunks(
    directory: Path, entry: TableEntry, table: StoredTable, on_progress: OnProgress
) -> Iterator[list[tuple[Any, ...]]]:
    rows = read_rows(directory / entry.file, table, sha256=entry.sha256)
    loaded = 0
    while chunk := list(islice(rows, table.chunk_rows)):
        yield chunk
        loaded += len(chunk)
        on_progress(table.name, loaded)


def _create_accounts(cursor: Any, table: StoredTable) -> None:
    """Makes accounts that are gone, without a password, a right or a way in: who sent what stays known."""
    for column in table.columns:
        if column.kind is Kind.ACCOUNT:
            cursor.execute(
                sql.SQL(
                    "INSERT INTO auth_user (username, password, is_active, is_staff, is_superuser,"
                    " first_name, last_name, email, date_joined)"
                    " SELECT DISTINCT {column}, '!', false, false, false, '', '', '', now()"
                    " FROM {staged} WHERE {column} IS NOT NULL ON CONFLICT (username) DO NOTHING"
                ).format(column=sql.Identifier(column.name), staged=_staged(table))
            )


def _settle_open_entries(cursor: Any, table: StoredTable) -> None:
    """Of open entries of one content, in the backup and only in the log, the youngest is to stay open."""
    if table is not REJECTED_ROWS:
        return
    names = {"log": sql.Identifier(table.db_table), "staged": _staged(table)}
    # Those of the log join the rows that the table is to have.
    cursor.execute(
        sql.SQL(
            "INSERT INTO {staged} SELECT {columns} FROM {log} t WHERE t.status = 'open'"
            " AND t.content_hash IN (SELECT content_hash FROM {staged} WHERE status = 'open')"
            " AND NOT EXISTS (SELECT FROM {staged} s WHERE s.id = t.id)"
        ).format(columns=columns_read(table), **names)
    )
    cursor.execute(
        sql.SQL(
            "UPDATE {staged} older SET status = 'superseded' FROM {staged} younger"
            " WHERE older.status = 'open' AND younger.status = 'open'"
            " AND older.content_hash = younger.content_hash AND older.id < younger.id"
        ).format(**names)
    )


def _remove(table: StoredTable, mode: RestoreMode) -> None:
    """Takes out the rows that differ, and, to replace the table, those that the backup lacks."""
    condition = _differs(table)
    if mode is RestoreMode.REPLACE:
        condition = sql.SQL("s.id IS NULL OR {}").format(condition)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "DELETE FROM {table} WHERE id IN"
                " (SELECT t.id FROM {table} t LEFT JOIN {staged} s ON s.id = t.id WHERE {condition})"
            ).format(
                table=sql.Identifier(table.db_table), staged=_staged(table), condition=condition
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
                values=sql.SQL(", ").join(map(_value, table.columns)),
                staged=_staged(table),
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
                staged=_staged(table),
                same=sql.SQL("t.id IS NOT NULL AND NOT ({})").format(_differs(table)),
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


def _staged_name(table: StoredTable) -> str:
    return f"restored_{table.db_table}"


def _staged(table: StoredTable) -> sql.Identifier:
    return sql.Identifier(_staged_name(table))


def _value(column: Column) -> sql.Composed:
    return sql.SQL(column.kind.value.write).format(sql.Identifier(column.name))


def _differs(table: StoredTable) -> sql.Composed:
    """Whether the rows `t`, of the table, and `s`, of the backup, have other values; false when one is missing."""
    here = sql.SQL(", ").join(
        sql.SQL("t.{}").format(sql.Identifier(column.db_column)) for column in table.columns
    )
    there = sql.SQL(", ").join(map(_value, table.columns))
    return sql.SQL("(t.id = s.id AND ({}) IS DISTINCT FROM ({}))").format(here, there)
