"""What was sent, before anybody judged it: the shape in which every parser hands rows on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hrapi.ingestion.codes import RowCode

# What the reject log keeps of a row at most.
MAX_RAW_CHARACTERS = 16 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one row. `value` is what was sent, whatever it is."""

    field: str | None
    code: RowCode
    message: str
    value: Any = None


class KeptRow(NamedTuple):
    """A row as the reject log keeps it: its text, cut where it is long, its whole length, its content's hash."""

    raw: str
    raw_length: int
    content_hash: str
    settled: str = ""
    """How the entry was closed that the row comes from untouched: resolved or discarded."""


class PlainText(str):
    """A line that could not be read as a row, as it was sent."""

    __slots__ = ()


@dataclass(slots=True)
class SentRow:
    """One row as it was sent.

    `index` counts from 0, `line` is the physical line (from 1) where the record starts in a file.
    `content` is a dict of the fields when the row could be read as one, else None, and then `faults` says why.
    `raw` is what was sent: JSON text (str), the cells of a CSV record (dict or list), or a PlainText.
    `digest` is the SHA-256 of a line of which `raw` is only the start, else empty.
    `size` is the number of characters that it took in its file; 0 where there was none.
    `corrects` is the entry of the reject log that the row says it is, and `kept` what that one keeps of it when
    it has come back as it was.
    """

    index: int
    line: int | None
    content: dict[str, Any] | None
    raw: Any
    faults: tuple[Fault, ...] = ()
    digest: str = field(default="", compare=False)
    size: int = field(default=0, compare=False)
    corrects: int | None = None
    kept: KeptRow | None = None
