"""What of a chart there is room for, in its order, and what is to be said of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from reports.charts.data import Number
from reports.charts.definition import Chart, ChartType, Sort
from reports.charts.labels import Key, title_of, titled
from reports.datasets.definition import Column, Type

MAX_CATEGORIES = 200
MAX_SERIES = 24
MAX_SLICES = 12
_ORDINALS = ("year", "quarter", "month")
_MANY = MAX_CATEGORIES + 1

Cells = Mapping[tuple[Key, Key], Number]
"""Numbers by what is on x and by what makes series."""


def kept_of(
    chart: Chart, size: Mapping[Key, Number], columns: Sequence[Column]
) -> tuple[list[Key], tuple[str, ...]]:
    """What is shown on x, in its order, and what is to be said of the rest."""
    asked = chart.options.top if chart.groups is None else 0
    limit = min(asked or MAX_CATEGORIES, MAX_CATEGORIES)
    kept = in_order(chart, largest(size, limit))
    return kept, left_out(columns, len(size), limit) if columns else ()


def series_kept(
    chart: Chart, totals: Mapping[Key, Number]
) -> tuple[list[Key], list[Key], tuple[str, ...]]:
    """The series that are drawn, those that are put together as one, and what is to be said of it."""
    if chart.groups is None:
        return [()], [], ()
    most = MAX_CATEGORIES if chart.type is ChartType.HEATMAP else MAX_SERIES
    limit = min(chart.options.top or most, most)
    by_size = largest(totals, len(totals))
    kept, rest = in_order(chart, by_size[:limit]), by_size[limit:]
    if rest and chart.adds_up:
        return kept, rest, put_together(chart.groups, len(rest))
    return kept, [], left_out([chart.groups], len(totals), limit)


def totals_of(cells: Cells, position: int) -> dict[Key, Number]:
    totals: dict[Key, Number] = defaultdict(int)
    for pair, value in cells.items():
        totals[pair[position]] += value
    return dict(totals)


def largest(totals: Mapping[Key, Number], limit: int) -> list[Key]:
    return sorted(totals, key=lambda key: (-totals[key], _order(key)))[:limit]


def in_order(chart: Chart, by_size: list[Key]) -> list[Key]:
    return sorted(by_size, key=_order) if chart.options.sort is Sort.COLUMN else by_size


def _order(key: Key) -> tuple[Any, ...]:
    """By size and by the alphabet, nothing last."""
    return tuple(
        (value is None, value.casefold() if isinstance(value, str) else value or 0, str(value))
        for value in key
    )


def put_together(column: Column, count: int) -> tuple[str, ...]:
    return (f"Other is {count:,} more put together: {titled(column)}.",)


def left_out(columns: Sequence[Column], total: int, limit: int) -> tuple[str, ...]:
    if total <= limit:
        return ()
    return (f"Only the largest {limit:,} of {total:,} are shown: {title_of(columns)}.",)


def without_gaps(chart: Chart, keys: list[Key]) -> list[Key]:
    """Days, months, quarters and years between the first and the last are there, if with nothing.

    Not where filters choose among them: what they take out is not nothing.
    """
    if len(chart.x) != 1 or not keys or keys[-1][0] is None:
        return keys
    [column], first, last = chart.x, keys[0][0], keys[-1][0]
    if not chart.filters.keys().isdisjoint({*_ORDINALS, column.name}):
        return keys
    if column.type is Type.DATE:
        steps = [first + timedelta(days=day) for day in range(min((last - first).days + 1, _MANY))]
    elif column.name in _ORDINALS:
        steps = list(range(first, min(last + 1, first + _MANY)))
    else:
        return keys
    return [(step,) for step in steps] if len(steps) <= MAX_CATEGORIES else keys
