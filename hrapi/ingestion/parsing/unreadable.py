"""Rows of a file that could not be read as rows: what is kept of them."""

from __future__ import annotations

import hashlib

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.sent import MAX_RAW_CHARACTERS, Fault, PlainText, SentRow


def unreadable_row(*, index: int, line: int, text: str, code: RowCode, message: str) -> SentRow:
    """Return the row that stands for a physical line: of a long one the start and a digest."""
    text = text.rstrip("\r\n")
    raw = PlainText(text[:MAX_RAW_CHARACTERS])
    digest = ""
    if len(text) > MAX_RAW_CHARACTERS:
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    faults = (Fault(None, code, message, raw),)
    return SentRow(index, line, None, raw, faults, digest, size=len(text))


def too_long_row(*, index: int, line: int, text: str, limit: int) -> SentRow:
    """Return the row that stands for a physical line of more than `limit` characters."""
    message = f"Line {line} has more than {limit} characters, the most that a line may have."
    return unreadable_row(index=index, line=line, text=text, code=RowCode.TOO_LONG, message=message)
