"""Rows of a file that could not be read as rows: what is kept of them."""

from __future__ import annotations

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.sent import MAX_RAW_CHARACTERS, Fault, PlainText, SentRow


def kept_text(line: str) -> PlainText:
    """Return the start of a physical line, without its line end, as the log may keep it."""
    return PlainText(line.rstrip("\r\n")[:MAX_RAW_CHARACTERS])


def too_long_row(*, index: int, line: int, text: str, limit: int) -> SentRow:
    """Return the row that stands for a physical line of more than `limit` characters."""
    message = f"Line {line} has more than {limit} characters, the most that a line may have."
    raw = kept_text(text)
    return SentRow(index, line, None, raw, (Fault(None, RowCode.TOO_LONG, message, raw),))
