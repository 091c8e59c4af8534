"""What is backed up: tables with the columns of their Avro records, each with its way into Avro and back.

A table that takes rows is described by its row schema; the others are described here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from hrapi.tables import Table, all_tables

NAMESPACE = "hrapi"


class KindValue(NamedTuple):
    """A way into Avro and back.

    `read` is SQL that gives the value as it is written, an instance of `python`; `staged` the SQL type in which
    it waits to be restored; `write` SQL that gives what is stored. `{}` is the column.
    """

    avro: Any
    python: type
    read: str
    staged: str
    write: str


class Kind(Enum):
    """What a column holds."""

    LONG = KindValue("long", int, "t.{}", "bigint", "s.{}")
    BOOLEAN = KindValue("boolean", bool, "t.{}", "boolean", "s.{}")
    STRING = KindValue("string", str, "t.{}", "text", "s.{}")
    # Microseconds since 1970 in UTC. fastavro would shift a datetime without a zone by that of the machine.
    MOMENT = KindValue(
        {"type": "long", "logicalType": "timestamp-micros"},
        int,
        "(extract(epoch FROM t.{}) * 1000000)::bigint",
        "bigint",
        "timestamptz 'epoch' + s.{} * interval '1 microsecond'",
    )
    DAY = KindValue("string", str, "t.{}::text", "text", "s.{}::date")
    JSON = KindValue("string", str, "t.{}::text", "text", "s.{}::jsonb")
    # What files of earlier versions lack. Null there: not every reader takes another default.
    LATER_COUNT = KindValue("long", int, "t.{}", "bigint", "coalesce(s.{}, 0)")
    LATER_LIST = KindValue(
        "string", str, "t.{}::text", "text", "coalesce(s.{}::jsonb, '[]'::jsonb)"
    )
    STRINGS = KindValue(
        {"type": "array", "items": "string"}, list, "t.{}", "text[]", "s.{}::varchar[]"
    )
    # Accounts have other ids on another machine.
    ACCOUNT = KindValue(
        "string",
        str,
        "(SELECT username FROM auth_user WHERE id = t.{})",
        "text",
        "(SELECT id FROM auth_user WHERE username = s.{})",
    )


@dataclass(frozen=True)
class Column:
    """A column of a table and field of its Avro record. `source` is its other name in the database, if any."""

    name: str
    kind: Kind
    doc: str
    nullable: bool = False
    source: str = ""

    @property
    def db_column(self) -> str:
        return self.source or self.name

    @property
    def field(self) -> dict[str, Any]:
        """The field of the Avro schema."""
        avro = self.kind.value.avro
        if not self.nullable:
            return {"name": self.name, "type": avro, "doc": self.doc}
        return {"name": self.name, "type": ["null", avro], "default": None, "doc": self.doc}


@dataclass(frozen=True)
class Reference:
    """A column that holds the id of a row of another table."""

    column: str
    table: str


@dataclass(frozen=True)
class StoredTable:
    """A table that is backed up. Its first column is `id`; rows are written in its order."""

    name: str
    db_table: str
    version: int
    doc: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    numbers_itself: bool = False
    """Whether ids come from a sequence."""
    chunk_rows: int = 5_000
    """How many rows are held in memory at once."""

    @property
    def file(self) -> str:
        return f"{self.name}.avro"

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The Avro schema, with logical types, docs and the version."""
        return {
            "type": "record",
            "name": self.name,
            "namespace": NAMESPACE,
            "doc": self.doc,
            "version": self.version,
            "fields": [column.field for column in self.columns],
        }


def schema_hash(schema: Any) -> str:
    """SHA-256 of the whole schema; Avro's own canonical form leaves logical types out."""
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()


def stored_tables() -> tuple[StoredTable, ...]:
    """Every table of a backup, those that others refer to first."""
    return (
        *map(_from_registry, all_tables()),
        *(BATCHES, REJECTED_ROWS, ROW_CHANGES, LOADS),
        *(VISUALIZATIONS, DASHBOARDS),
    )


_KIND_OF_TYPE: dict[Any, Kind] = {int: Kind.LONG, str: Kind.STRING, datetime: Kind.MOMENT}


def _from_registry(table: Table) -> StoredTable:
    columns = [
        Column(name, _KIND_OF_TYPE[field.annotation], field.description or "")
        for name, field in table.row.model_fields.items()
    ]
    brought_by = [
        Column("batch_id", Kind.LONG, "Id of the batch that brought the row.", nullable=True),
        Column("batch_line", Kind.LONG, "Line of the batch's file, from 1.", nullable=True),
    ]
    return StoredTable(
        name=table.name,
        db_table=table.db_table,
        version=table.row.schema_version,
        doc=(table.row.__doc__ or "").strip(),
        columns=(*columns, *brought_by),
        references=tuple(Reference(r.field, r.table) for r in table.references),
    )


BATCHES = StoredTable(
    name="batches",
    db_table="batches",
    version=2,
    doc="What one request or one loaded file did.",
    columns=(
        Column("id", Kind.LONG, "Id of the batch."),
        Column("table", Kind.STRING, "Name of the table that the rows were for."),
        Column("source", Kind.STRING, "Where the rows came from, or undo."),
        Column("file_name", Kind.STRING, "Name of the file, empty where there was none."),
        Column("mode", Kind.STRING, "partial or atomic."),
        Column("received", Kind.LONG, "Rows received: the sum of the four that follow."),
        Column("inserted", Kind.LONG, "Rows stored."),
        Column("unchanged", Kind.LONG, "Rows that were stored already, with the same content."),
        Column("rejected", Kind.LONG, "Rows rejected."),
        Column("not_attempted", Kind.LONG, "Good rows of an atomic batch with rejections."),
        Column("refused_code", Kind.STRING, "Why the whole request was refused, or empty."),
        Column("refused_detail", Kind.STRING, "The same in words, or empty."),
        Column("user", Kind.ACCOUNT, "Name of the account.", nullable=True, source="user_id"),
        Column("created_at", Kind.MOMENT, "When it began."),
        Column("finished_at", Kind.MOMENT, "When it ended.", nullable=True),
        Column("undoes", Kind.LONG, "Id of the batch that it undid.", nullable=True),
        Column("removed", Kind.LATER_COUNT, "Rows that it removed by that.", nullable=True),
        Column("undone_by", Kind.LONG, "Id of the batch that undid it.", nullable=True),
    ),
    numbers_itself=True,
)

REJECTED_ROWS = StoredTable(
    name="rejected_rows",
    db_table="rejected_rows",
    version=2,
    doc="A row that could not be taken, as it was sent.",
    # They can be long.
    chunk_rows=500,
    columns=(
        Column("id", Kind.LONG, "Id of the entry."),
        Column("batch_id", Kind.LONG, "Id of the batch."),
        Column("table", Kind.STRING, "Name of the table that the row was for."),
        Column("index", Kind.LONG, "Position in what was sent, from 0."),
        Column("line", Kind.LONG, "Physical line in the file, from 1.", nullable=True),
        Column("row_id", Kind.LONG, "The row's own id, where readable.", nullable=True),
        Column("raw", Kind.STRING, "The row as it was sent: JSON in ASCII, at most 16 KiB."),
        Column("raw_length", Kind.LONG, "Characters of the whole row, before it was cut."),
        Column("errors", Kind.JSON, "JSON list of the faults: field, code, message and value."),
        Column("codes", Kind.STRINGS, "The codes of the faults."),
        Column("status", Kind.STRING, "open, resolved, superseded or discarded."),
        Column("content_hash", Kind.STRING, "SHA-256 of table and content."),
        Column("created_at", Kind.MOMENT, "When it was rejected."),
        Column("history", Kind.LATER_LIST, "JSON list of what was done with it.", nullable=True),
    ),
    references=(Reference("batch_id", "batches"),),
    numbers_itself=True,
)

ROW_CHANGES = StoredTable(
    name="row_changes",
    db_table="row_changes",
    version=1,
    doc="What a stored row held before it was changed or removed.",
    columns=(
        Column("id", Kind.LONG, "Id of the change."),
        Column("table", Kind.STRING, "Name of the row's table."),
        Column("row_id", Kind.LONG, "Id of the row."),
        Column("batch_id", Kind.LONG, "Batch that had brought the row.", nullable=True),
        Column("batch_line", Kind.LONG, "Line of its file.", nullable=True),
        Column("action", Kind.STRING, "changed, deleted or undone."),
        Column("before", Kind.JSON, "JSON object of the row's fields before."),
        Column("undo", Kind.LONG, "Id of the batch that undid that one.", nullable=True),
        Column("user", Kind.ACCOUNT, "Name of the account.", nullable=True, source="user_id"),
        Column("at", Kind.MOMENT, "When."),
    ),
    numbers_itself=True,
)

LOADS = StoredTable(
    name="loads",
    db_table="loads",
    version=2,
    doc="A file that was sent to be loaded, or lay in a drop folder, without the file.",
    columns=(
        Column("id", Kind.LONG, "Id of the load."),
        Column("table", Kind.STRING, "Name of the table that the rows are for."),
        Column("file_name", Kind.STRING, "Name of the file."),
        Column("bytes", Kind.LONG, "Bytes of the file."),
        Column("sha256", Kind.STRING, "SHA-256 of the file."),
        Column("format", Kind.STRING, "csv or jsonl."),
        Column("delimiter", Kind.STRING, "Of CSV, empty where it is found."),
        Column("encoding", Kind.STRING, "Of the file."),
        Column("header", Kind.STRING, "auto, present or absent."),
        Column("mode", Kind.STRING, "partial or atomic."),
        Column("dry_run", Kind.BOOLEAN, "Whether nothing is kept."),
        Column("state", Kind.STRING, "waiting, running, finished or failed."),
        Column("bytes_read", Kind.LONG, "How far the file is read."),
        Column("batch_id", Kind.LONG, "Id of its batch.", nullable=True),
        Column("replayed", Kind.LONG, "Rows taken in that had waited for its rows."),
        Column("dry_run_answer", Kind.JSON, "What a dry run has found.", nullable=True),
        Column("error_code", Kind.STRING, "Why it failed, or empty."),
        Column("error_detail", Kind.STRING, "The same in words, or empty."),
        Column("user", Kind.ACCOUNT, "Name of the account.", nullable=True, source="user_id"),
        Column("created_at", Kind.MOMENT, "When it was sent."),
        Column("started_at", Kind.MOMENT, "When it began.", nullable=True),
        Column("finished_at", Kind.MOMENT, "When it ended.", nullable=True),
        Column("date", Kind.DAY, "Day of a file of a drop folder, like 2024-01-31.", nullable=True),
    ),
    numbers_itself=True,
)

VISUALIZATIONS = StoredTable(
    name="visualizations",
    db_table="visualizations",
    version=1,
    doc="A chart that somebody has saved, without the links to it.",
    columns=(
        Column("id", Kind.LONG, "Id of the chart."),
        Column("title", Kind.STRING, "Its title."),
        Column("description", Kind.STRING, "What it is about, or empty."),
        Column("specification", Kind.JSON, "JSON object of what is drawn."),
        Column("owner", Kind.ACCOUNT, "Name of the account.", nullable=True, source="owner_id"),
        Column("is_team", Kind.BOOLEAN, "Whether everybody may look at it."),
        Column("created_at", Kind.MOMENT, "When it was saved."),
        Column("updated_at", Kind.MOMENT, "When it was changed last."),
    ),
    numbers_itself=True,
    # Each may hold hundreds of values that it filters by.
    chunk_rows=500,
)

DASHBOARDS = StoredTable(
    name="dashboards",
    db_table="dashboards",
    version=1,
    doc="Charts that are looked at together.",
    columns=(
        Column("id", Kind.LONG, "Id of the dashboard."),
        Column("title", Kind.STRING, "Its title."),
        Column("owner", Kind.ACCOUNT, "Name of the account.", nullable=True, source="owner_id"),
        Column("is_team", Kind.BOOLEAN, "Whether everybody may look at it."),
        Column("charts", Kind.JSON, "JSON list of ids of charts and names of standard charts."),
        Column("created_at", Kind.MOMENT, "When it was saved."),
        Column("updated_at", Kind.MOMENT, "When it was changed last."),
    ),
    numbers_itself=True,
)
