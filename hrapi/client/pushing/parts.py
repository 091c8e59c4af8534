"""Records to the bodies of batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from hrapi.client.pushing.records import Record

MAX_ROWS = 1000
MAX_BYTES = 2 * 1024 * 1024
"""Of a body; the service takes 5 MiB unless it is told otherwise."""


@dataclass(frozen=True)
class Part:
    """A slice of the file that is sent as one batch. `number` counts from 1."""

    number: int
    first_line: int
    body: bytes
    rows: int
    records: tuple[Record, ...]


class Parts:
    """The parts of a file, one after the other. One that was too large is handed back and cut smaller."""

    def __init__(self, records: Iterator[Record], *, head: str) -> None:
        self._records = records
        self._handed_back: deque[Record] = deque()
        self._head = head.encode()
        self._number = 0

    def take(self, max_bytes: int) -> Part | None:
        """The next part, of at most that size, unless a single record is larger; None after the last one."""
        taken: list[Record] = []
        pieces = [self._head]
        size, rows = len(self._head), 0
        while (record := self._next()) is not None:
            if not taken and not record.is_row:
                continue
            piece = record.text.encode()
            is_full = rows == MAX_ROWS and record.is_row
            if taken and (is_full or size + len(piece) > max_bytes):
                self._handed_back.appendleft(record)
                break
            taken.append(record)
            pieces.append(piece)
            size += len(piece)
            rows += record.is_row
        if not taken:
            return None
        self._number += 1
        return Part(self._number, taken[0].line, b"".join(pieces), rows, tuple(taken))

    def hand_back(self, part: Part) -> None:
        self._handed_back.extendleft(reversed(part.records))
        self._number -= 1

    def _next(self) -> Record | None:
        return self._handed_back.popleft() if self._handed_back else next(self._records, None)
