"""Tables into Avro files, all as they were at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2 import sql

from hrapi.backups.avro_files import write_table
from hrapi.backups.locking import limited_waits
from hrapi.backups.manifest import TableEntry
from hrapi.backups.stored import StoredTable, schema_hash

OnProgress = Callable[[str, int], None]


@dataclass(frozen=True)
class Snapshot:
    """What was written, and where in the history of the database it stands."""

    name: str
    server_version: str
    entries: tuple[TableEntry, ...]


def write_snapshot(
    connection: Any,
    tables: Sequence[StoredTable],
    directory: Path,
    *,
    codec: str,
    on_progress: OnProgress,
) -> Snapshot:
    """One file a table, in the order of ids. Others go on reading and writing meanwhile.

    `connection` is that of `one_snapshot`, which says what is raised. `on_progress` gets a table's name and the
    rows written so far.
    """
    with one_snapshot(connection, [table.db_table for table in tables]) as moment:
        entries = tuple(
            _write_table(connection, table, directory, codec=codec, on_progress=on_progress)
            for table in tables
        )
    return Snapshot(moment.name, moment.server_version, entries)


@dataclass(frozen=True)
class Moment:
    """Where in the history of the database a snapshot stands, and when that was."""

    name: str
    at: datetime
    server_version: str


@contextmanager
def one_snapshot(connection: Any, db_tables: Iterable[str]) -> Iterator[Moment]:
    """A transaction in which these tables of the database read as they were at one moment.

    `connection` is Django's, outside a transaction; after an error it is of no further use. Raises BackupError
    when others hold a table for long.
    """
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    with limited_waits(connection):
        with connection.cursor() as cursor:
            # Before the snapshot is taken: a table that is emptied by TRUNCATE later would read as empty.
            locked = sql.SQL(", ").join(map(sql.Identifier, db_tables))
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(locked))
            cursor.execute(
                "SELECT pg_current_snapshot()::text, statement_timestamp(), current_setting('server_version')"
            )
            moment = Moment(*cursor.fetchone())
        yield moment
    connection.rollback()
    connection.set_autocommit(True)


def _write_table(
    connection: Any, table: StoredTable, directory: Path, *, codec: str, on_progress: OnProgress
) -> TableEntry:
    chunks = _chunks(connection, table, on_progress)
    facts = write_table(directory / table.file, table, chunks, codec=codec)
    return TableEntry(
        table=table.name,
        file=table.file,
        rows=facts.rows,
        bytes=facts.bytes,
        sha256=facts.sha256,
        content_sha256=facts.content_sha256,
        schema_version=table.version,
        schema_sha256=schema_hash(table.schema),
    )


def _chunks(
    connection: Any, table: StoredTable, on_progress: OnProgress
) -> Iterator[list[tuple[Any, ...]]]:
    written = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(read_query(table))
        while rows := cursor.fetchmany(table.chunk_rows):
            yield rows
            written += len(rows)
            on_progress(table.name, written)


def read_query(table: StoredTable) -> sql.Composed:
    """The rows of a table as they are written to Avro, in the order of their ids."""
    return sql.SQL("SELECT {columns} FROM {table} t ORDER BY id").format(
        columns=columns_read(table), table=sql.Identifier(table.db_table)
    )


def columns_read(table: StoredTable) -> sql.Composed:
    """The columns of a row `t` as they are written to Avro."""
    return sql.SQL(", ").join(
        sql.SQL(column.kind.value.read).format(sql.Identifier(column.db_column))
        for column in table.columns
    )
