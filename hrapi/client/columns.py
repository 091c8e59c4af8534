"""The columns of a dataset as the service describes them, and its rows with values of their types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from hrapi.client.connection import Connection
from hrapi.client.errors import (
    DESCRIBED_OTHERWISE,
    ClientError,
    UsageError,
    described_otherwise,
)


@dataclass(frozen=True)
class Column:
    """`type` is `integer`, `number`, `text`, `datetime` or `date`."""

    name: str
    type: str
    is_nullable: bool
    description: str


@dataclass(frozen=True)
class Description:
    """A dataset, without the columns that the user may not see."""

    name: str
    title: str
    text: str
    columns: tuple[Column, ...]


_VALUES: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}


def describe(connection: Connection, dataset: str) -> Description:
    """Raises UsageError for a dataset that there is not for this user."""
    answer = connection.get("/api/v1/datasets/")
    try:
        entries = {entry["name"]: entry for entry in answer.json()}
    except DESCRIBED_OTHERWISE as error:
        raise described_otherwise(connection.address, error) from error
    if dataset not in entries:
        raise UsageError(
            f"There is no dataset {dataset!r} for the user of this token. There are"
            f" {', '.join(entries) or 'none'}."
        )
    entry = entries[dataset]
    columns = tuple(
        Column(column["name"], column["type"], column["nullable"], column["description"])
        for column in entry["columns"]
    )
    return Description(dataset, entry["title"], entry["description"], columns)


def column_chunks(
    rows: Iterable[dict[str, Any]], columns: Sequence[Column], *, size: int
) -> Iterator[dict[str, list[Any]]]:
    """So many rows at a time as a list of values for each column. At least one chunk, if an empty one."""
    iterator = iter(rows)
    chunk = list(islice(iterator, size))
    while True:
        yield {column.name: _values(chunk, column) for column in columns}
        chunk = list(islice(iterator, size))
        if not chunk:
            return


def _values(rows: Sequence[dict[str, Any]], column: Column) -> list[Any]:
    try:
        values = [row[column.name] for row in rows]
        if (make := _VALUES.get(column.type)) is not None:
            values = [None if value is None else make(value) for value in values]
    except (KeyError, TypeError, ValueError) as error:
        raise ClientError(
            f"A row does not fit the description of its column {column.name} ({column.type}). Does the service"
            " run in two versions at once? Ask again."
        ) from error
    return values
