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
    """So many rows at a time as a list of values for each column. At least one chunk, if an empty one.

    No row is held: a chunk of them has its keys once for each.
    """
    left = iter(rows)
    is_first = True
    while True:
        chunk: dict[str, list[Any]] = {column.name: [] for column in columns}
        number = 0
        for row in islice(left, size):
            _append(row, columns, chunk)
            number += 1
        if number or is_first:
            yield chunk
        if number < size:
            return
        is_first = False


def _append(row: dict[str, Any], columns: Sequence[Column], chunk: dict[str, list[Any]]) -> None:
    for column in columns:
        try:
            value = row[column.name]
            make = _VALUES.get(column.type)
            chunk[column.name].append(value if make is None or value is None else make(value))
        except (KeyError, TypeError, ValueError) as error:
            raise ClientError(
                f"A row does not fit the description of its column {column.name} ({column.type}). Does the"
                " service run in two versions at once? Ask again."
            ) from error
