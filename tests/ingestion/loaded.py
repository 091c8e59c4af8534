"""What tables hold when rows are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def stored(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What the table holds when exactly these rows are stored."""
    return [tuple((row | {"datetime": moment_of(row)}).values()) for row in rows]


def moment_of(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["datetime"])
