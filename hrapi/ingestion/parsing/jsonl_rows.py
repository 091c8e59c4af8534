"""JSON Lines files to rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from hrapi.api.problems import ProblemError
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.parsing.files import check_file, encoding_name
from hrapi.ingestion.parsing.json_rows import sent_row_from_json
from hrapi.ingestion.parsing.lines import is_too_long, physical_lines
from hrapi.ingestion.parsing.unreadable import too_long_row, unreadable_row
from hrapi.ingestion.sent import SentRow

MAX_JSON_LINE_CHARACTERS = 1024 * 1024


def read_jsonl(
    stream: BinaryIO, *, encoding: str = "utf-8", first_line: int = 1
) -> Iterator[SentRow]:
    """Check the file, then return one row for each line that is not blank, with flat memory.

    Raises ProblemError at once for a file that cannot be read. A line that is not one JSON value
    becomes a row with the fault NOT_AN_OBJECT. Lines are counted from `first_line`. The stream must be seekable,
    and is left open.
    """
    check_file(stream, encoding=encoding, is_part=first_line > 1)
    lines = physical_lines(stream, encoding=encoding_name(encoding), limit=MAX_JSON_LINE_CHARACTERS)
    return _rows(lines, first_line=first_line)


def _rows(lines: Iterator[str], *, first_line: int) -> Iterator[SentRow]:
    index = 0
    for number, line in enumerate(lines, start=first_line):
        if not line.strip(" \t\r\n"):
            continue
        if is_too_long(line, limit=MAX_JSON_LINE_CHARACTERS):
            yield too_long_row(index=index, line=number, text=line, limit=MAX_JSON_LINE_CHARACTERS)
        else:
            yield _row(line, index=index, number=number)
        index += 1


def _row(line: str, *, index: int, number: int) -> SentRow:
    try:
        row = sent_row_from_json(line, index=index, line=number)
    except ProblemError as problem:
        message = f"Line {number} is not a JSON object: {problem.detail}"
        return unreadable_row(
            index=index, line=number, text=line, code=RowCode.NOT_AN_OBJECT, message=message
        )
    row.size = len(line)
    return row
