"""What became of the rows, as the file of rejected rows that can be corrected and sent back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hrapi.client.files import written_whole
from hrapi.client.pushing.layout import Layout
from hrapi.client.pushing.parts import Part
from hrapi.client.pushing.tables import TableShape
from hrapi.csv_cells import neutralise
from hrapi.ingestion.correction_file import correction_header, correction_row
from hrapi.ingestion.harmless import raw_text
from hrapi.ingestion.sent import MAX_RAW_CHARACTERS


def rejected_rows(
    table: TableShape, layout: Layout, part: Part, rejections: Sequence[dict[str, Any]]
) -> list[list[Any]]:
    """The rows of the file for what was rejected of a part, with the raw text that the service got."""
    wanted = {rejection["index"]: rejection for rejection in rejections}
    if not wanted:
        return []
    found = []
    for sent in layout.rows(table, part.body, first_line=part.first_line):
        rejection = wanted.get(sent.index)
        if rejection is not None:
            raw = raw_text(sent)
            found.append(
                correction_row(
                    table.fields,
                    rejection["errors"],
                    raw=raw[:MAX_RAW_CHARACTERS],
                    is_cut=len(raw) > MAX_RAW_CHARACTERS,
                    rejected_row=rejection["rejected_row"],
                    line=rejection["line"],
                )
            )
    return found


def write_rejected(path: Path, fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The file, readable by its owner only: it holds what was sent."""
    with written_whole(path, mode=0o600) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="backslashreplace")
        plain = csv.writer(text, lineterminator="\n")
        quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        plain.writerow(correction_header(fields))
        for row in rows:
            cells = [neutralise(cell) if isinstance(cell, str) else cell for cell in row]
            # The csv module does not quote a carriage return, which ends lines as well.
            has_return = any("\r" in str(cell) for cell in cells)
            (quoted if has_return else plain).writerow(cells)
        text.detach()
