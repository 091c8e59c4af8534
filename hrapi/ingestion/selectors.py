"""Reading the reject log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hrapi.ingestion.harmless import ascii_json
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.parsing.csv_header import IGNORED_COLUMNS
from hrapi.ingestion.parsing.numbers import NumberLiteral
from hrapi.ingestion.serializers import describe_errors
from hrapi.tables import Table

_CHUNK_ROWS = 2000
_NOT_IN_A_FILE = re.compile("[\x00\ud800-\udfff]")


def correction_header(table: Table) -> list[str]:
    """The table's fields, then columns that tell what is wrong and are not read when the file comes back."""
    return [*table.fields, *IGNORED_COLUMNS]


def correction_rows(table: Table, batch: Batch) -> Iterator[Sequence[Any]]:
    """The rejected rows of a batch in the order sent, each under the table's fields as far as it has them."""
    rows = RejectedRow.objects.filter(batch=batch).order_by("id")
    for rejected in rows.iterator(chunk_size=_CHUNK_ROWS):
        notes = {
            "rejected_row": rejected.pk,
            "line": rejected.line,
            "errors": describe_errors(rejected.errors),
        }
        yield [*_cells(table, rejected), *(notes[column] for column in IGNORED_COLUMNS)]


def _cells(table: Table, rejected: RejectedRow) -> list[str]:
    raw: Any = None
    if not rejected.raw_truncated:
        try:
            raw = json.loads(
                rejected.raw,
                parse_int=NumberLiteral,
                parse_float=NumberLiteral,
                parse_constant=NumberLiteral,
            )
        except ValueError:
            raw = None  # a line that was no JSON is kept as a text, which is JSON; nothing else comes here
    if isinstance(raw, dict):
        return [_cell(raw.get(field)) for field in table.fields]
    cells = [_cell(cell) for cell in raw] if isinstance(raw, list) else []
    return (cells + [""] * len(table.fields))[: len(table.fields)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return ascii_json(value)
    # NUL and surrogates cannot stand in a file. What stands for them is refused like them when it comes back.
    return _NOT_IN_A_FILE.sub("\uffff", value)
