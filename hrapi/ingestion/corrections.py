"""The file of rejected rows: how it is written, and how a row of it is known again when it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hrapi.api.problems import ProblemError
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.correction_file import correction_row, sent_cells
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.parsing.json_rows import sent_row_from_json
from hrapi.ingestion.sent import Fault, KeptRow, SentRow
from hrapi.tables import Table


def correction_rows(table: Table, entries: Iterable[RejectedRow]) -> Iterator[Sequence[Any]]:
    """Entries of the reject log, each as it was sent under the table's fields, with what is wrong."""
    for entry in entries:
        yield correction_row(
            table.fields,
            entry.errors,
            raw=entry.raw,
            is_cut=entry.raw_truncated,
            rejected_row=entry.pk,
            line=entry.line,
        )


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
        cell.strip()
        for cell in sent_cells(
            table.fields, entry.errors, raw=entry.raw, is_cut=entry.raw_truncated
        )
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
