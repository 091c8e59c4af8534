"""What stands in the cells of the file of rejected rows, for who keeps the log and for who has sent the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.harmless import ascii_json
from hrapi.ingestion.parsing.csv_header import NOTES
from hrapi.ingestion.parsing.numbers import NumberLiteral

_FAULTS_NO_ROW_SHOWS = {
    RowCode.NOT_AN_OBJECT,
    RowCode.RAGGED_ROW,
    RowCode.MALFORMED_CSV,
    RowCode.DUPLICATE_KEY,
    RowCode.UNKNOWN_FIELD,
}
_FAULTS_NO_CELL_SHOWS = {*_FAULTS_NO_ROW_SHOWS, RowCode.WRONG_TYPE}
_NOT_IN_A_FILE = re.compile("[\x00\ud800-\udfff]")

Errors = Sequence[dict[str, Any]]


def correction_header(fields: Sequence[str]) -> list[str]:
    """The table's fields, then the notes: which entry it is, and what is wrong with it."""
    return [*fields, *NOTES]


def correction_row(
    fields: Sequence[str],
    errors: Errors,
    *,
    raw: str,
    is_cut: bool,
    rejected_row: int | None,
    line: int | None,
) -> list[Any]:
    """A rejected row as it was sent under the table's fields, and the notes. `raw` is what the log keeps of it."""
    messages = " ".join(_message(error) for error in errors)
    if is_cut or not _FAULTS_NO_CELL_SHOWS.isdisjoint(_codes(errors)):
        messages = f"{messages} Sent: {raw}"
    notes = {
        "_rejected_row": rejected_row,
        "_line": line,
        "_codes": describe_errors(errors),
        "_messages": messages,
    }
    return [
        *sent_cells(fields, errors, raw=raw, is_cut=is_cut),
        *(notes[column] for column in NOTES),
    ]


def sent_cells(fields: Sequence[str], errors: Errors, *, raw: str, is_cut: bool) -> list[str]:
    """What was sent, as cells can hold it; empty where a cell would come back as something else.

    Surplus cells, doubled keys and unknown fields have no place under the table's fields: of such a row all cells
    are empty, so that it is rejected again if nobody fills them in.
    """
    if is_cut or not _FAULTS_NO_ROW_SHOWS.isdisjoint(_codes(errors)):
        return [""] * len(fields)
    content: dict[str, Any] = json.loads(
        raw,
        parse_int=NumberLiteral,
        parse_float=NumberLiteral,
        parse_constant=NumberLiteral,
    )
    of_wrong_type = {error["field"] for error in errors if error["code"] == RowCode.WRONG_TYPE}
    return ["" if field in of_wrong_type else _cell(content.get(field)) for field in fields]


def describe_errors(errors: Errors) -> str:
    """`name: required; department_id: unknown_department`"""
    return "; ".join(
        f"{error['field']}: {error['code']}" if error["field"] else error["code"]
        for error in errors
    )


def _codes(errors: Errors) -> set[str]:
    return {error["code"] for error in errors}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return ascii_json(value)
    # NUL and surrogates cannot stand in a file. What stands for them is refused like them when it comes back.
    return _NOT_IN_A_FILE.sub("\uffff", value)


def _message(error: dict[str, Any]) -> str:
    return f"{error['field']}: {error['message']}" if error["field"] else str(error["message"])
