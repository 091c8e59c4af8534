"""What stands in a figure of Plotly, and what matplotlib has really drawn, in the same form."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.charts.definition import ChartType
from reports.charts.labels import shortened, written

_BOX = ("lowerfence", "q1", "median", "q3", "upperfence", "mean")


def in_plotly(type_: ChartType, figure: dict[str, Any]) -> Any:
    return _PLOTLY[type_](figure["data"])


def in_picture(type_: ChartType, paper: Figure) -> Any:
    return _PICTURE[type_](paper.axes[0])


def nothing_in(figure: dict[str, Any]) -> bool:
    """Whether there is no value in a figure of Plotly."""
    amounts = {"heatmap": "z", "pie": "values", "box": "median", "table": "cells"}
    kind = figure["data"][0]["type"] if figure["data"] else ""
    found = [
        trace[amounts.get(kind, "y")]
        for trace in figure["data"]
        # Not the line across bars.
        if trace["type"] == kind
    ]
    found = [each["values"] if isinstance(each, dict) else each for each in found]
    return not any(value is not None for value in _flat(found))


def names_in_plotly(figure: dict[str, Any]) -> list[str]:
    return [shortened(html.unescape(trace["name"]), 32) for trace in figure["data"]]


def names_in_picture(paper: Figure) -> list[str]:
    return [text.get_text() for legend in paper.legends for text in legend.get_texts()]


def _flat(values: Any) -> list[Any]:
    if not isinstance(values, list | tuple):
        return [values]
    return [each for value in values for each in _flat(value)]


def _numbers(values: Any) -> list[float | None]:
    found = [float("nan") if value is None else float(value) for value in values]
    return [None if math.isnan(value) else value for value in found]


def _series(data: list[dict[str, Any]]) -> list[list[float | None]]:
    return [_numbers(trace["y"]) for trace in data]


def _stacked(data: list[dict[str, Any]]) -> list[Any]:
    # The height is the difference of two places, which are rounded.
    rows = _series(data)
    largest = max((abs(value) for row in rows for value in row if value), default=0)
    return [
        [value and pytest.approx(value, rel=0, abs=largest * 1e-12) for value in row]
        for row in rows
    ]


def _bars(axes: Axes) -> list[list[float | None]]:
    """Each bar stands around the number of its category, with four corners."""
    names = len(axes.get_xticks())
    found = []
    for bars in axes.collections:
        heights: list[float | None] = [None] * names
        for path in bars.get_paths():
            (left, low), (_, high), (right, _) = path.vertices[:3]
            heights[round((left + right) / 2)] = float(high - low)
        found.append(heights)
    return found + _lines(axes)


def _lines(axes: Axes) -> list[list[float | None]]:
    return [_numbers(line.get_ydata()) for line in axes.lines]


def _heatmap(axes: Axes) -> list[list[float | None]]:
    [image] = axes.images
    return [_numbers(row) for row in image.get_array().filled(math.nan)]


def _slices(data: list[dict[str, Any]]) -> list[Any]:
    [trace] = data
    total, turned, found = sum(trace["values"]), 0.0, []
    for value in trace["values"]:
        # Clockwise, from the top.
        angles = [90 - 360 * (turned + value / total), 90 - 360 * turned]
        found.append(pytest.approx(angles, abs=1e-6))
        turned += value / total
    return found


def _wedges(axes: Axes) -> list[list[float]]:
    return [[wedge.theta1, wedge.theta2] for wedge in axes.patches]


def _plotly_boxes(data: list[dict[str, Any]]) -> list[list[float]]:
    [trace] = data
    boxes = zip(*(trace[name] for name in _BOX), strict=True)
    return [list(map(float, box)) for box in boxes if None not in box]


def _boxes(axes: Axes) -> list[list[float]]:
    """Each box is a path, and six lines: two whiskers, their ends, the median and the mean."""
    found = []
    for place, box in enumerate(axes.patches):
        _, _, low, high, median, mean = (
            float(line.get_ydata()[-1]) for line in axes.lines[6 * place : 6 * place + 6]
        )
        sides = box.get_path().vertices[:, 1]
        found.append([low, float(sides.min()), median, float(sides.max()), high, mean])
    return found


def _plotly_points(data: list[dict[str, Any]]) -> list[list[tuple[float | None, ...]]]:
    return [list(zip(_numbers(trace["x"]), _numbers(trace["y"]), strict=True)) for trace in data]


def _points(axes: Axes) -> list[list[tuple[float | None, ...]]]:
    return [
        [tuple(_numbers(point)) for point in points.get_offsets().filled(math.nan)]
        for points in axes.collections
    ]


def _plotly_table(data: list[dict[str, Any]]) -> list[list[str]]:
    [trace] = data
    rows = zip(*trace["cells"]["values"], strict=True)
    return [[_cell(value) for value in row] for row in (trace["header"]["values"], *rows)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return shortened(html.unescape(value), 32) if isinstance(value, str) else written(value)


def _table(axes: Axes) -> list[list[str]]:
    [table] = axes.tables
    rows: dict[int, list[str]] = {}
    for (row, _), cell in sorted(table.get_celld().items()):
        rows.setdefault(row, []).append(cell.get_text().get_text())
    return list(rows.values())


_PLOTLY: dict[ChartType, Callable[[list[dict[str, Any]]], Any]] = {
    ChartType.BAR: _series,
    ChartType.GROUPED_BAR: _series,
    ChartType.STACKED_BAR: _stacked,
    ChartType.LINE: _series,
    ChartType.HEATMAP: lambda data: [_numbers(row) for row in data[0]["z"]],
    ChartType.PIE: _slices,
    ChartType.BOX: _plotly_boxes,
    ChartType.SCATTER: _plotly_points,
    ChartType.TABLE: _plotly_table,
    ChartType.NUMBER: lambda data: _cell(data[0]["value"]) or "–",
}
_PICTURE: dict[ChartType, Callable[[Axes], Any]] = {
    ChartType.BAR: _bars,
    ChartType.GROUPED_BAR: _bars,
    ChartType.STACKED_BAR: _bars,
    ChartType.LINE: _lines,
    ChartType.HEATMAP: _heatmap,
    ChartType.PIE: _wedges,
    ChartType.BOX: _boxes,
    ChartType.SCATTER: _points,
    ChartType.TABLE: _table,
    ChartType.NUMBER: lambda axes: axes.texts[0].get_text(),
}
