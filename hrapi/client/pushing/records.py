"""Physical lines to records, each with the text that it has in the file, cut where the service cuts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hrapi.ingestion.parsing.csv_dialect import Dialect
from hrapi.ingestion.parsing.csv_record import MAX_LINE_CHARACTERS, LineQueue, read_record
from hrapi.ingestion.parsing.jsonl_rows import MAX_JSON_LINE_CHARACTERS
from hrapi.ingestion.parsing.lines import is_blank, is_too_long


class Record(NamedTuple):
    """What stands from `line` (from 1) on. A blank line is no row."""

    line: int
    text: str
    is_row: bool


class _TakenLines(LineQueue):
    """Keeps the lines that were read and not handed back."""

    def __init__(self, lines: Iterator[str], *, number: int) -> None:
        super().__init__(lines, number=number)
        self.taken: list[str] = []

    def read(self) -> str | None:
        line = super().read()
        if line is not None:
            self.taken.append(line)
        return line

    def hand_back(self, lines: Sequence[str]) -> None:
        super().hand_back(lines)
        del self.taken[len(self.taken) - len(lines) :]


def csv_records(lines: Iterator[str], dialect: Dialect, *, lines_before: int) -> Iterator[Record]:
    """The records after those lines. A record that cannot be read is its first line."""
    queue = _TakenLines(lines, number=lines_before)
    for line in queue:
        number = queue.number
        if len(line) > MAX_LINE_CHARACTERS and is_too_long(line, limit=MAX_LINE_CHARACTERS):
            yield Record(number, _ended(line), True)
        elif '"' in line:
            read_record(
                line, queue, delimiter=dialect.delimiter, expected_cells=len(dialect.columns)
            )
            yield Record(number, "".join(queue.taken), True)
        else:
            yield Record(number, line, not is_blank(line))
        queue.taken.clear()


def json_records(lines: Iterator[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, start=1):
        if is_too_long(line, limit=MAX_JSON_LINE_CHARACTERS):
            yield Record(number, _ended(line), True)
        else:
            yield Record(number, line, bool(line.strip(" \t\r\n")))


def _ended(line: str) -> str:
    """The start of a line that is too long to be taken, and is so still."""
    return f"{line}\n"
