"""Cells that a spreadsheet would run as a formula: harmless in files, restored when read."""

from __future__ import annotations

import re

_RUN_BY_SPREADSHEETS = re.compile(r"'*(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])")
"""Signs in both widths. A `'` before them is included, so that taking one off is always right."""
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))
RUN_BY_SPREADSHEETS_SQL = f"^'*(?:[{_SPACES}]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
"""The same as a regular expression of PostgreSQL, whose own class of spaces depends on the server's locale."""


def neutralise(text: str) -> str:
    """Return the text with a `'` before it when a spreadsheet might run it as a formula."""
    if text[:1].isalnum() or not _RUN_BY_SPREADSHEETS.match(text):
        return text
    return "'" + text


def restore(text: str) -> str:
    """Take the `'` of `neutralise` off: `restore(neutralise(text)) == text` for every text."""
    if text.startswith("'") and _RUN_BY_SPREADSHEETS.match(text, 1):
        return text[1:]
    return text
