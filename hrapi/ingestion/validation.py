"""Rows against the schema of their table. Nothing here knows the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.tables import Table

# A body of unknown keys would otherwise be answered, and logged, with ten times its size.
MAX_UNKNOWN_FIELDS = 100

Values = tuple[Any, ...]


@dataclass(slots=True)
class CheckedRow:
    """A row after the schema. `values` are what to store, in the order of the fields, None when it has faults.

    `row_id` and `references` hold what could be read even of a row with faults, so that all of its
    faults can be told at once.
    """

    sent: SentRow
    values: Values | None
    row_id: int | None
    references: Values
    faults: Sequence[Fault] = ()


def validate_rows(table: Table, rows: Sequence[SentRow]) -> list[CheckedRow]:
    """Each row with its values or with all the faults that the schema sees, in the order sent."""
    fields = set(table.fields)
    contents = [sent.content or {} for sent in rows]
    columns = []
    faults: defaultdict[int, list[Fault]] = defaultdict(list)
    for field, parse in zip(table.fields, table.column_parsers, strict=True):
        # A field that was not sent is like one that was sent empty.
        values, found = parse([content.get(field) for content in contents])
        columns.append(values)
        for position, fault in found.items():
            faults[position].append(fault)
    references_of = _picker([table.fields.index(r.field) for r in table.references])
    checked: list[CheckedRow] = []
    for position, (sent, row_values) in enumerate(
        zip(rows, zip(*columns, strict=True), strict=True)
    ):
        if sent.faults or contents[position].keys() != fields:
            checked.append(_misshapen_row(table, sent, row_values, faults[position], references_of))
        elif position in faults:
            of_values = faults[position]
            checked.append(
                CheckedRow(sent, None, row_values[0], references_of(row_values), of_values)
            )
        else:
            checked.append(CheckedRow(sent, row_values, row_values[0], references_of(row_values)))
    return checked


def _picker(positions: list[int]) -> Callable[[Values], Values]:
    """A function that picks these positions of a row's values, as a tuple."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda values: tuple(values[position] for position in positions)


def _misshapen_row(
    table: Table,
    sent: SentRow,
    values: Values,
    of_values: list[Fault],
    references_of: Callable[[Values], Values],
) -> CheckedRow:
    """A row that its reader found fault with, or that has other fields than the table."""
    if sent.content is None:
        return CheckedRow(sent, None, None, references_of(values), sent.faults)
    # Of a field that was sent twice nobody knows which value is meant.
    repeated = {fault.field for fault in sent.faults}
    readable = tuple(
        None if field in repeated else value
        for field, value in zip(table.fields, values, strict=True)
    )
    faults = [
        *sent.faults,
        *(fault for fault in of_values if fault.field not in repeated),
        *_unknown_fields(table, sent.content, repeated),
    ]
    return CheckedRow(sent, None, readable[0], references_of(readable), faults)


def _unknown_fields(
    table: Table, content: dict[str, Any], repeated: set[str | None]
) -> Iterator[Fault]:
    unknown = [key for key in content if key not in table.fields and key not in repeated]
    for key in unknown[:MAX_UNKNOWN_FIELDS]:
        message = f"The table has no such field. Its fields are {', '.join(table.fields)}."
        yield Fault(key, RowCode.UNKNOWN_FIELD, message, content[key])
    left_out = len(unknown) - MAX_UNKNOWN_FIELDS
    if left_out > 0:
        yield Fault(None, RowCode.UNKNOWN_FIELD, f"{left_out:,} more fields are unknown.", left_out)
