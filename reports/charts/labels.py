"""What stands on axes and in legends."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from typing import Any

from reports.datasets.definition import Column


def titled(column: Column) -> str:
    """The column's name as a heading: `standard_deviation` is `Standard deviation`, `q1` is `Q1`."""
    text = column.name.replace("_", " ")
    return text[:1].upper() + text[1:]


def label_of(columns: Sequence[Column], key: Sequence[Any]) -> str:
    """The first values of a key, one for each column: `2021 Q3`, `Engineering`."""
    return " ".join(_text(column, value) for column, value in zip(columns, key, strict=False))


def _text(column: Column, value: Any) -> str:
    if value is None:
        return "(none)"
    if column.name == "quarter":
        return f"Q{value}"
    if column.name == "month":
        return str(calendar.month_abbr[value])
    return str(value)
