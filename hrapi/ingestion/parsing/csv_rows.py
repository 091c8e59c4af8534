"""CSV files to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, BinaryIO

from pydantic_core import PydanticCustomError

from hrapi.csv_cells import restore
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.fields import is_missing, parse_integer
from hrapi.ingestion.parsing.csv_dialect import CsvOptions, Dialect, find_dialect, take_sample
from hrapi.ingestion.parsing.csv_header import NOTES
from hrapi.ingestion.parsing.csv_record import (
    MAX_LINE_CHARACTERS,
    LineQueue,
    MalformedRecord,
    read_record,
)
from hrapi.ingestion.parsing.files import check_file, encoding_name
from hrapi.ingestion.parsing.lines import is_blank, is_too_long, physical_lines
from hrapi.ingestion.parsing.unreadable import too_long_row, unreadable_row
from hrapi.ingestion.sent import Fault, SentRow


def read_csv(
    stream: BinaryIO, *, fields: Sequence[str], singular: str, options: CsvOptions
) -> Iterator[SentRow]:
    """Check the file and its header, then return its rows one by one, with flat memory.

    `fields` are the table's, in the dictionary's order. The content of a row is a dict of cells
    as they were sent, empty ones included; only a formula's `'` is taken off. A row of the file of
    rejected rows says which entry it corrects. Blank lines are skipped but counted. The stream
    must be seekable, and is left open.

    Raises ProblemError at once for a file that cannot be read: UNDECODABLE, BAD_HEADER or
    INVALID_PARAMETER. What is wrong with single rows is in their faults.
    """
    check_file(stream, encoding=options.encoding)
    name = encoding_name(options.encoding)
    lines = physical_lines(stream, encoding=name, limit=MAX_LINE_CHARACTERS)
    dialect = find_dialect(take_sample(lines), fields=fields, singular=singular, options=options)
    lines = physical_lines(stream, encoding=name, limit=MAX_LINE_CHARACTERS)
    return _rows(lines, dialect=dialect, first_line=options.first_line)


def _rows(
    physical: Iterator[str], *, dialect: Dialect, first_line: int | None
) -> Iterator[SentRow]:
    delimiter = dialect.delimiter
    columns = dialect.columns
    expected_cells = len(columns)
    content_of = _content_maker(columns)
    entry_cell = columns.index("_rejected_row") if "_rejected_row" in columns else None
    skipped = sum(1 for _ in islice(physical, dialect.lines_before_rows))
    lines = LineQueue(physical, number=skipped if first_line is None else first_line - 1)
    index = 0
    for line in lines:
        number = lines.number
        # The short question first: a call for each line would be felt.
        if len(line) > MAX_LINE_CHARACTERS and is_too_long(line, limit=MAX_LINE_CHARACTERS):
            yield too_long_row(index=index, line=number, text=line, limit=MAX_LINE_CHARACTERS)
            index += 1
            continue
        if '"' in line:
            record = read_record(line, lines, delimiter=delimiter, expected_cells=expected_cells)
            if isinstance(record, MalformedRecord):
                message = f"Line {number} is not well-formed CSV: {record.reason}"
                yield unreadable_row(
                    index=index,
                    line=number,
                    text=line,
                    code=RowCode.MALFORMED_CSV,
                    message=message,
                )
                index += 1
                continue
            cells = record
            may_have_prefix = "'" in line or lines.number != number
        else:
            cells = line.rstrip("\r\n").split(delimiter)
            may_have_prefix = "'" in line
        if may_have_prefix:
            cells = [restore(cell) for cell in cells]
        if len(cells) == expected_cells and (expected_cells > 1 or not is_blank(line)):
            content = content_of(cells)
            row = SentRow(index, number, content, content, size=len(line))
            if entry_cell is not None:
                _name_entry(row, cells[entry_cell])
            yield row
        elif is_blank(line):
            continue
        else:
            faults = (_ragged(cells, columns=columns),)
            yield SentRow(index, number, None, cells, faults, size=len(line))
        index += 1


def _content_maker(columns: Sequence[str]) -> Callable[[Sequence[str]], dict[str, Any]]:
    """Return the function that turns as many cells as there are columns into a row's content."""
    kept = [number for number, column in enumerate(columns) if column not in NOTES]
    names = [columns[number] for number in kept]
    if len(kept) == len(columns):
        return lambda cells: dict(zip(names, cells))  # noqa: B905 - asking for the same number is slow
    pick = itemgetter(*kept)
    return lambda cells: dict(zip(names, pick(cells), strict=True))


def _name_entry(row: SentRow, cell: str) -> None:
    """Ties the row to the entry of the reject log that it was written from. A row that was added has none."""
    try:
        row.corrects = None if is_missing(cell) else parse_integer(cell)
    except PydanticCustomError as error:
        fault = Fault("_rejected_row", RowCode(error.type), error.message(), cell)
        row.faults = (*row.faults, fault)


def _ragged(cells: Sequence[str], *, columns: Sequence[str]) -> Fault:
    found = f"{len(cells)} cell" if len(cells) == 1 else f"{len(cells)} cells"
    return Fault(
        None,
        RowCode.RAGGED_ROW,
        f"The row has {found}; {len(columns)} are expected: {', '.join(columns)}.",
        len(cells),
    )
