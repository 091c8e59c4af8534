"""One CSV record out of physical lines: quotes, and what to do about bad ones."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MAX_LINE_CHARACTERS = 256 * 1024
MAX_FURTHER_LINES = 100
MAX_FURTHER_CHARACTERS = 64 * 1024

DELIMITERS = (",", ";", "\t", "|")

_WRONG_COUNT = (
    "a quote runs on over the end of the line, and then the row does not have {expected} cells."
)
_TEXT_AFTER_QUOTE = (
    "something other than the delimiter follows the closing quote of cell {cell}. "
    'Inside quotes, write a quote twice: "".'
)
_NOT_CLOSED_IN_FILE = "the quote that opens cell {cell} is not closed before the end of the file."
_NOT_CLOSED_SOON = (
    "the quote that opens cell {cell} is not closed within "
    f"{MAX_FURTHER_LINES} lines and {MAX_FURTHER_CHARACTERS} characters."
)

_OPENING_QUOTE = re.compile(' *+"')
_INSIDE_QUOTES = r'[^"]*+(?:""[^"]*+)*+'
_AFTER_QUOTE = {
    delimiter: re.compile(rf" *+(?:({re.escape(delimiter)})|[\r\n]*\Z)") for delimiter in DELIMITERS
}
_QUOTED_CELL = {
    delimiter: re.compile(rf' *+"({_INSIDE_QUOTES})"{_AFTER_QUOTE[delimiter].pattern}')
    for delimiter in DELIMITERS
}


@dataclass(frozen=True, slots=True)
class MalformedRecord:
    """A record whose quotes are wrong."""

    reason: str


@dataclass(frozen=True, slots=True)
class _ClosedCell:
    """A quoted cell, the line in which it ends, and where in it the next cell starts, if any."""

    text: str
    line: str
    next_cell: int | None


class LineQueue:
    """Physical lines, some of which may be handed back to be read again.

    `number` is the number of the line that was read last, counted from 1.
    """

    def __init__(self, lines: Iterable[str], *, number: int = 0) -> None:
        self._lines = iter(lines)
        self._handed_back: deque[str] = deque()
        self.number = number

    def __iter__(self) -> Iterator[str]:
        while (line := self.read()) is not None:
            yield line

    def read(self) -> str | None:
        line = self._handed_back.popleft() if self._handed_back else next(self._lines, None)
        if line is not None:
            self.number += 1
        return line

    def hand_back(self, lines: Sequence[str]) -> None:
        self._handed_back.extendleft(reversed(lines))
        self.number -= len(lines)


def read_record(
    first: str, lines: LineQueue, *, delimiter: str, expected_cells: int | None = None
) -> list[str] | MalformedRecord:
    """Return the cells of the record that starts with the line `first`, read from `lines`.

    Further lines are read while a quote is open, but only a bounded number of them. When the
    record is malformed they are handed back, so that no later record is swallowed. With
    `expected_cells`, a record of several lines that has another number of cells is malformed
    too: more likely a quote is missing. It also bounds how often a line is read again, because
    a quote that opens inside an open one starts another cell.
    """
    cells: list[str] = []
    further: list[str] = []
    line = first
    start = _split_line(line, cells, start=0, delimiter=delimiter)
    while start is not None:
        may_run_on = expected_cells is None or len(cells) < expected_cells
        closed = _close_cell(
            line, lines, further, start=start, delimiter=delimiter, may_run_on=may_run_on
        )
        if isinstance(closed, str):
            lines.hand_back(further)
            return MalformedRecord(closed.format(cell=len(cells) + 1, expected=expected_cells))
        cells.append(closed.text)
        line, start = closed.line, closed.next_cell
        if start is not None:
            start = _split_line(line, cells, start=start, delimiter=delimiter)
    if further and expected_cells not in (None, len(cells)):
        lines.hand_back(further)
        return MalformedRecord(_WRONG_COUNT.format(expected=expected_cells))
    return cells


def _split_line(line: str, cells: list[str], *, start: int, delimiter: str) -> int | None:
    """Append the cells that end in this line; return where one starts that does not."""
    quoted_cell = _QUOTED_CELL[delimiter]
    last_quote = line.rfind('"')
    while start <= last_quote:
        may_be_quoted = line[start] in ' "'
        if may_be_quoted and (found := quoted_cell.match(line, start)) is not None:
            text = found[1]
            cells.append(text.replace('""', '"') if '"' in text else text)
            if found[2] is None:
                return None
            start = found.end()
        elif may_be_quoted and _OPENING_QUOTE.match(line, start) is not None:
            return start
        else:
            end = line.find(delimiter, start)
            if end < 0:
                break
            cells.append(line[start:end])
            start = end + 1
    cells.extend(line[start:].rstrip("\r\n").split(delimiter))
    return None


def _close_cell(
    line: str,
    lines: LineQueue,
    further: list[str],
    *,
    start: int,
    delimiter: str,
    may_run_on: bool,
) -> _ClosedCell | str:
    """Read a quoted cell to its end in a further line, or return why that is not possible."""
    parts: list[str] = []
    start = line.index('"', start) + 1
    while (end := _closing_quote(line, start=start)) < 0:
        if not may_run_on:
            return _WRONG_COUNT
        parts.append(line[start:])
        next_line = lines.read()
        if next_line is None:
            return _NOT_CLOSED_IN_FILE
        further.append(next_line)
        if len(further) > MAX_FURTHER_LINES or sum(map(len, further)) > MAX_FURTHER_CHARACTERS:
            return _NOT_CLOSED_SOON
        line, start = next_line, 0
    after = _AFTER_QUOTE[delimiter].match(line, end + 1)
    if after is None:
        return _TEXT_AFTER_QUOTE
    text = "".join([*parts, line[start:end]]).replace('""', '"')
    return _ClosedCell(text, line, None if after[1] is None else after.end())


def _closing_quote(line: str, *, start: int) -> int:
    """Return where the next quote is that is not written twice, or -1."""
    while (end := line.find('"', start)) >= 0 and line.startswith('"', end + 1):
        start = end + 2
    return end
