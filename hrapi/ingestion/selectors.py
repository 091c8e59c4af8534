"""Reading the reject log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hrapi.ingestion.answers import describe_errors
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.harmless import ascii_json
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.parsing.csv_header import IGNORED_COLUMNS
from hrapi.ingestion.parsing.numbers import NumberLiteral
from hrapi.tables import Table

_CHUNK_ROWS = 2000
_FAULTS_NO_CELL_SHOWS = {
    RowCode.NOT_AN_OBJECT,
    RowCode.RAGGED_ROW,
    RowCode.MALFORMED_CSV,
    RowCode.DUPLICATE_KEY,
    RowCode.UNKNOWN_FIELD,
    RowCode.WRONG_TYPE,
}
_NOT_IN_A_FILE = re.compile("[\x00\ud800-\udfff]")


def correction_header(table: Table) -> list[str]:
    """The table's fields, then columns that tell what is wrong and are not read when the file comes back."""
    return [*table.fields, *IGNORED_COLUMNS]


def correction_rows(table: Table, batch: Batch) -> Iterator[Sequence[Any]]:
    """The rejected rows of a batch in the order sent, each under the table's fields."""
    rows = RejectedRow.objects.filter(batch=batch).order_by("id")
    for rejected in rows.iterator(chunk_size=_CHUNK_ROWS):
        content = _fitting_content(table, rejected)
        errors = describe_errors(rejected.errors)
        if content is None:
            errors = f"{errors}; sent: {rejected.raw}"
        notes = {"rejected_row": rejected.pk, "line": rejected.line, "errors": errors}
        cells = ["" if content is None else _cell(content.get(field)) for field in table.fields]
        yield [*cells, *(notes[column] for column in IGNORED_COLUMNS)]


def _fitting_content(table: Table, rejected: RejectedRow) -> dict[str, Any] | None:
    """The row as cells can hold it; None for a row that would come back as another one.

    Surplus cells, doubled keys, unknown fields and lists have no place under the table's fields. Such a row has
    empty cells, so that it is rejected again if nobody fills them in.
    """
    if rejected.raw_truncated or not _FAULTS_NO_CELL_SHOWS.isdisjoint(rejected.codes):
        return None
    content: dict[str, Any] = json.loads(
        rejected.raw,
        parse_int=NumberLiteral,
        parse_float=NumberLiteral,
        parse_constant=NumberLiteral,
    )
    return content


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return ascii_json(value)
    # NUL and surrogates cannot stand in a file. What stands for them is refused like them when it comes back.
    return _NOT_IN_A_FILE.sub("\uffff", value)
