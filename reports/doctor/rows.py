"""Whether rows have the columns and types that the catalogue tells of."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from reports.doctor.asking import WrongError

_ADVICE = "Something on the way changes the answer, or the service runs in two versions: look at the proxy."


def _datetime(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is not UTC or not text.endswith("Z"):
        raise ValueError(text)


_TEXTS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "text": str,
    "datetime": _datetime,
    "date": date.fromisoformat,
}


def check_json(rows: Any, columns: list[dict[str, Any]]) -> None:
    """Raises WrongError."""
    names = [column["name"] for column in columns]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongError("It is no array of rows.", _ADVICE)
    for row in rows:
        if list(row) != names:
            raise WrongError(f"A row has the columns {', '.join(row)}.", _ADVICE)
        for column in columns:
            if not _fits_json(row[column["name"]], column):
                raise WrongError(
                    f"{column['name']} is {row[column['name']]!r}, not {column['type']}.", _ADVICE
                )


def _fits_json(value: Any, column: dict[str, Any]) -> bool:
    if value is None:
        return bool(column["nullable"])
    if column["type"] in ("integer", "number"):
        kinds = (int,) if column["type"] == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, str) and _fits_text(value, column)


def check_csv(text: str, columns: list[dict[str, Any]]) -> None:
    """Raises WrongError."""
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    if header != [column["name"] for column in columns]:
        raise WrongError(f"The header is {','.join(header)[:200]}.", _ADVICE)
    for line in lines:
        for cell, column in zip(line, columns, strict=True):
            if not (cell == "" and column["nullable"]) and not _fits_text(cell, column):
                raise WrongError(f"{column['name']} is {cell!r}, not {column['type']}.", _ADVICE)


def _fits_text(text: str, column: dict[str, Any]) -> bool:
    try:
        _TEXTS[column["type"]](text)
    except ValueError:
        return False
    return True
