"""What was sent, before anybody judged it: the shape in which every parser hands rows on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
    """

    index: int
    line: int | None
    content: dict[str, Any] | None
    raw: Any
    faults: tuple[Fault, ...] = ()
    digest: str = field(default="", compare=False)
