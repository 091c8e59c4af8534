"""Rows of a backup beside the tables that they are to come into, and what restoring them comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg2 import sql

from hrapi.backups.avro_files import read_rows
from hrapi.backups.locking import limited_waits
from hrapi.backups.manifest import Manifest, TableEntry, made_at
from hrapi.backups.snapshot import columns_read
from hrapi.backups.stored import REJECTED_ROWS, Column, Kind, StoredTable
from hrapi.pg_copy import copy_into
from hrapi.privacy.clearing import Copy, clear_table
from hrapi.privacy.records import ErasureRecord

STAGED = Copy(prefix="restored_", json="text")


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
    erased: int = 0
    """Rows of the backup that were erased since, or of which something was."""


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
    erasures: Sequence[ErasureRecord] = (),
) -> Plan:
    """What `restore_tables` would do now. Changes nothing and locks nobody out."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with limited_waits(connection):
            plan = stage_all(directory, manifest, tables, mode, on_progress, erasures)
        transaction.set_rollback(True)
    return plan


def stage_all(
    directory: Path,
    manifest: Manifest,
    tables: Sequence[StoredTable],
    mode: RestoreMode,
    on_progress: OnProgress,
    erasures: Sequence[ErasureRecord],
) -> Plan:
    later = [record for record in erasures if record.erased_at >= made_at(manifest.id)]
    entries = {entry.table: entry for entry in manifest.tables}
    return Plan(
        manifest.id,
        tuple(_stage(directory, entries[t.name], t, mode, on_progress, later) for t in tables),
    )


def _stage(
    directory: Path,
    entry: TableEntry,
    table: StoredTable,
    mode: RestoreMode,
    on_progress: OnProgress,
    erasures: Sequence[ErasureRecord],
) -> TablePlan:
    """Loads the rows that the table is to have beside it, and compares. Raises BadBackupError for another file."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.kind.value.staged))
        for column in table.columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(staged(table), columns)
        )
    names = [column.name for column in table.columns]
    copy_into(connection, _staged_name(table), names, _chunks(directory, entry, table, on_progress))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(staged(table)))
        cursor.execute(sql.SQL("ANALYZE {}").format(staged(table)))
        # Before anything of it is looked at: nothing of it counts as being in the backup.
        erased = sum(clear_table(table.name, record, STAGED) for record in erasures)
        _create_accounts(cursor, table)
        if mode is RestoreMode.MERGE:
            _settle_open_entries(cursor, table)
        cursor.execute(
            sql.SQL(
                "SELECT count(t.id), count(*) FILTER (WHERE t.id IS NULL),"
                " count(*) FILTER (WHERE {differs}), count(*) FILTER (WHERE s.id IS NULL)"
                " FROM {table} t FULL JOIN {staged} s ON s.id = t.id"
            ).format(
                differs=differs(table),
                table=sql.Identifier(table.db_table),
                staged=staged(table),
            )
        )
        now, insert, update, only_here = cursor.fetchone()
    delete = only_here if mode is RestoreMode.REPLACE else 0
    return TablePlan(table.name, now, entry.rows, insert, update, delete, erased)


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
                ).format(column=sql.Identifier(column.name), staged=staged(table))
            )


def _settle_open_entries(cursor: Any, table: StoredTable) -> None:
    """Of open entries of one content, in the backup and only in the log, the youngest is to stay open."""
    if table is not REJECTED_ROWS:
        return
    names = {"log": sql.Identifier(table.db_table), "staged": staged(table)}
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


def _staged_name(table: StoredTable) -> str:
    return f"{STAGED.prefix}{table.db_table}"


def staged(table: StoredTable) -> sql.Identifier:
    return sql.Identifier(_staged_name(table))


def value_of(column: Column) -> sql.Composed:
    return sql.SQL(column.kind.value.write).format(sql.Identifier(column.name))


def differs(table: StoredTable) -> sql.Composed:
    """Whether the rows `t`, of the table, and `s`, of the backup, have other values; false when one is missing."""
    here = sql.SQL(", ").join(
        sql.SQL("t.{}").format(sql.Identifier(column.db_column)) for column in table.columns
    )
    there = sql.SQL(", ").join(map(value_of, table.columns))
    return sql.SQL("(t.id = s.id AND ({}) IS DISTINCT FROM ({}))").format(here, there)
