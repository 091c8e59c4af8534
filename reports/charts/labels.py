"""What stands on axes and in legends."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any

from reports.charts.definition import Aggregate, Chart
from reports.datasets.definition import Column

Key = tuple[Any, ...]
"""What tells a group of rows from others: values of columns, and after them the ids of what they name."""


def titled(column: Column) -> str:
    """The column's name as a heading: `standard_deviation` is `Standard deviation`, `q1` is `Q1`."""
    text = column.name.replace("_", " ")
    return text[:1].upper() + text[1:]


def title_of(columns: Sequence[Column]) -> str:
    return ", ".join(map(titled, columns))


def measured(chart: Chart) -> str:
    if chart.aggregate is Aggregate.COUNT or chart.measure is None:
        return "Rows"
    name = titled(chart.measure)
    return name if chart.aggregate is Aggregate.SUM else f"{name} ({chart.aggregate})"


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


def labels_of(
    keys: Iterable[Key], columns: Sequence[Column], known: Iterable[Key]
) -> dict[Key, str]:
    """A text for each key, no two the same; with its ids where another of those known has its name."""
    plain = {key: label_of(columns, key) for key in (*known, *keys)}
    shared = Counter(plain.values())
    taken, labels = set(shared), {}
    for key in keys:
        labels[key] = label = plain[key]
        if shared[label] > 1:
            ids = ", ".join(map(str, key[len(columns) :]))
            labels[key] = _unlike(taken, f"{label} ({ids})" if ids else label)
            taken.add(labels[key])
    return labels


def _unlike(taken: Collection[str], label: str) -> str:
    """The label, with a number behind it if it is taken."""
    numbered = (f"{label} #{number}" for number in count(2))
    return next(text for text in chain([label], numbered) if text not in taken)


def label_of_rest(rest: Sequence[Key], labels: Mapping[Key, str]) -> str:
    return _unlike(labels.values(), f"Other ({len(rest):,})")


def written(number: float) -> str:
    """`1,234` or `0.333333`: whole numbers in full, others with about six digits."""
    if isinstance(number, int):
        return f"{number:,}"
    size = abs(number)
    if size >= 1e15 or (size < 10_000 and not number.is_integer()):
        return f"{number:,.6g}"
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.1f}"


# XML knows no others, escaped or not.
_NOT_PRINTED = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printed(text: str) -> str:
    """The text in one line, without characters that no picture can hold."""
    return _NOT_PRINTED.sub("", " ".join(text.split()))


def shortened(text: str, most: int) -> str:
    """`printed`, with an ellipsis within where it is longer than `most` characters.

    The end stays, where names that begin alike differ.
    """
    text = printed(text)
    end = most // 3
    return text if len(text) <= most else f"{text[: most - end - 1]}…{text[-end:]}"
