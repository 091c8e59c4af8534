"""The file of rejected rows: how it is written, and how a row of it is known again when it comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hrapi.api.problems import ProblemError
from hrapi.ingestion.answers import describe_errors
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.harmless import ascii_json
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.parsing.csv_header import NOTES
from hrapi.ingestion.parsing.json_rows import sent_row_from_json
from hrapi.ingestion.parsing.numbers import NumberLiteral
from hrapi.ingestion.sent import Fault, KeptRow, SentRow
from hrapi.tables import Table

_FAULTS_NO_ROW_SHOWS = {
    RowCode.NOT_AN_OBJECT,
    RowCode.RAGGED_ROW,
    RowCode.MALFORMED_CSV,
    RowCode.DUPLICATE_KEY,
    RowCode.UNKNOWN_FIELD,
}
_FAULTS_NO_CELL_SHOWS = {*_FAULTS_NO_ROW_SHOWS, RowCode.WRONG_TYPE}
_NOT_IN_A_FILE = re.compile("[\x00\ud800-\udfff]")


def correction_header(table: Table) -> list[str]:
    """The table's fields, then the notes: which entry it is, and what is wrong with it."""
    return [*table.fields, *NOTES]


def correction_rows(table: Table, entries: Iterable[RejectedRow]) -> Iterator[Sequence[Any]]:
    """Entries of the reject log, each as it was sent under the table's fields."""
    for entry in entries:
        cells = _cells(table, entry)
        messages = " ".join(_message(error) for error in entry.errors)
        if entry.raw_truncated or not _FAULTS_NO_CELL_SHOWS.isdisjoint(entry.codes):
            messages = f"{messages} Sent: {entry.raw}"
        notes = {
            "_rejected_row": entry.pk,
            "_line": entry.line,
            "_codes": describe_errors(entry.errors),
            "_messages": messages,
        }
        yield [*cells, *(notes[column] for column in NOTES)]


def recognise(table: Table, rows: Sequence[SentRow]) -> Sequence[SentRow]:
    """The rows, but those that nobody has touched since the file was made as they were sent at first.

    A cell cannot hold all that JSON can: an untouched row must not become another one on its way.
    """
    ids = {row.corrects for row in rows if row.corrects is not None}
    if not ids:
        return rows
    entries = RejectedRow.objects.filter(table=table.name).exclude(raw="").in_bulk(ids)
    return [
        _as_sent(row, entry)
        if row.corrects is not None
        and row.content is not None
        and (entry := entries.get(row.corrects)) is not None
        and _is_untouched(table, row.content, entry)
        else row
        for row in rows
    ]


def _is_untouched(table: Table, content: dict[str, Any], entry: RejectedRow) -> bool:
    return [str(content.get(field, "")).strip() for field in table.fields] == [
        cell.strip() for cell in _cells(table, entry)
    ]


def _as_sent(row: SentRow, entry: RejectedRow) -> SentRow:
    is_settled = entry.status in (RejectedRow.Status.RESOLVED, RejectedRow.Status.DISCARDED)
    settled = entry.status if is_settled else ""
    kept = KeptRow(entry.raw, entry.raw_length, entry.content_hash, settled)
    if not entry.raw_truncated:
        try:
            sent = sent_row_from_json(entry.raw, index=row.index, line=row.line)
        except ProblemError:
            pass  # A line of a file that was no JSON.
        else:
            if sent.content is not None:
                return replace(sent, corrects=row.corrects, kept=kept)
    faults = tuple(
        Fault(error["field"], RowCode(error["code"]), error["message"], error["value"])
        for error in entry.errors
    )
    return replace(row, content=None, faults=faults, kept=kept)


def _cells(table: Table, entry: RejectedRow) -> list[str]:
    """What was sent, as cells can hold it; empty where a cell would come back as something else.

    Surplus cells, doubled keys and unknown fields have no place under the table's fields: of such a row all cells
    are empty, so that it is rejected again if nobody fills them in.
    """
    if entry.raw_truncated or not _FAULTS_NO_ROW_SHOWS.isdisjoint(entry.codes):
        return [""] * len(table.fields)
    content: dict[str, Any] = json.loads(
        entry.raw,
        parse_int=NumberLiteral,
        parse_float=NumberLiteral,
        parse_constant=NumberLiteral,
    )
    of_wrong_type = {
        error["field"] for error in entry.errors if error["code"] == RowCode.WRONG_TYPE
    }
    return ["" if field in of_wrong_type else _cell(content.get(field)) for field in table.fields]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return ascii_json(value)
    # NUL and surrogates cannot stand in a file. What stands for them is refused like them when it comes back.
    return _NOT_IN_A_FILE.sub("\uffff", value)


def _message(error: dict[str, Any]) -> str:
    return f"{error['field']}: {error['message']}" if error["field"] else str(error["message"])
