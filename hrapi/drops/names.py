"""What the name of a file says: its day, its table, and how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from hrapi.drops.errors import RefusedError
from hrapi.ingestion.files import FileFormat, format_of_name
from hrapi.tables import Table, all_tables

UNFINISHED = (".tmp", ".part")
_NAME = re.compile(r"([0-9]{8})_([a-z_]+)\.(csv|jsonl)(\.gz)?")


@dataclass(frozen=True)
class DropName:
    date: date
    table: Table
    format: FileFormat
    is_gzip: bool

    @property
    def order(self) -> tuple[Any, ...]:
        """By day, and of one day those that others refer to first."""
        return self.date, all_tables().index(self.table)


def is_unfinished(name: str) -> bool:
    """Whether the sender says by the name that the file is not to be touched yet."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def read_name(name: str) -> DropName:
    """Raises RefusedError for a name that is none of a drop."""
    found = _NAME.fullmatch(name)
    if found is None:
        if _NAME.fullmatch(name.lower()):
            raise RefusedError(f"Write the name in small letters: {name.lower()}.")
        raise RefusedError(
            "The name is not like 20240131_TABLE.csv or 20240131_TABLE.jsonl, with .gz or without."
        )
    day, table_name, _, gz = found.groups()
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise RefusedError(f"There is no day {day}: the name begins with YYYYMMDD.") from None
    tables = {table.name: table for table in all_tables()}
    if table_name not in tables:
        raise RefusedError(
            f"The name is of none of the tables {', '.join(tables)}: write it like {day}_{next(iter(tables))}.csv."
        )
    plain = name.removesuffix(".gz")
    return DropName(when, tables[table_name], format_of_name(plain), is_gzip=gz is not None)
