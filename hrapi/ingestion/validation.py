"""Rows against the schema of their table. Nothing here knows the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pydantic import ValidationError

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.fields import parse_integer
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
    faults: list[Fault]


def validate_rows(table: Table, rows: Iterable[SentRow]) -> list[CheckedRow]:
    """Each row with its values or with all the faults that the schema sees, in the order sent."""
    validate_plain = table.plain_validator.validate_python
    references_of = _picker([table.fields.index(r.field) for r in table.references])
    checked: list[CheckedRow] = []
    for sent in rows:
        try:
            values = tuple(validate_plain(sent.content).values())
        except ValidationError:
            checked.append(_check_closely(table, sent, references_of))
        else:
            # A row with faults of its reader may still look plain, but for a key that it has twice.
            if sent.faults:
                checked.append(_check_closely(table, sent, references_of))
            else:
                checked.append(CheckedRow(sent, values, values[0], references_of(values), []))
    return checked


def _picker(positions: list[int]) -> Callable[[Values], Values]:
    """A function that picks these positions of a row's values, as a tuple."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda values: tuple(values[position] for position in positions)


def _check_closely(
    table: Table, sent: SentRow, references_of: Callable[[Values], Values]
) -> CheckedRow:
    content = sent.content
    faults = list(sent.faults)
    if content is None:
        return CheckedRow(sent, None, None, (None,) * len(table.references), faults)
    repeated = {fault.field for fault in faults}
    known = {field: content[field] for field in table.fields if field in content}
    try:
        row = table.row.__pydantic_validator__.validate_python(known)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False):
            field = str(details["loc"][0])
            if field not in repeated:
                faults.append(_fault(field, details["type"], details["msg"], known.get(field)))
    else:
        if not faults and len(known) == len(content):
            values = tuple(vars(row).values())
            return CheckedRow(sent, values, values[0], references_of(values), [])
    unknown = [key for key in content if key not in known and key not in repeated]
    faults.extend(
        Fault(
            key,
            RowCode.UNKNOWN_FIELD,
            f"The table has no such field. Its fields are {', '.join(table.fields)}.",
            content[key],
        )
        for key in unknown[:MAX_UNKNOWN_FIELDS]
    )
    if len(unknown) > MAX_UNKNOWN_FIELDS:
        left_out = len(unknown) - MAX_UNKNOWN_FIELDS
        faults.append(
            Fault(None, RowCode.UNKNOWN_FIELD, f"{left_out:,} more fields are unknown.", left_out)
        )
    bad = {fault.field for fault in faults}
    return CheckedRow(
        sent,
        None,
        _readable_integer(content, "id", bad),
        tuple(_readable_integer(content, reference.field, bad) for reference in table.references),
        faults,
    )


def _fault(field: str, kind: str, message: str, value: Any) -> Fault:
    if kind == "missing":
        return Fault(field, RowCode.REQUIRED, "This field is required.", None)
    return Fault(field, RowCode(kind), message, value)


def _readable_integer(content: dict[str, Any], field: str, bad: set[str | None]) -> int | None:
    return None if field in bad else parse_integer(content[field])
