from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from reports.charts.data import Series
from reports.charts.definition import ChartType
from reports.charts.drawing.marks import HATCHES, Array, Marks, numbers, seen_on
from reports.charts.labels import written
from reports.charts.palettes import LINE

_SIDE_BY_SIDE = 30
"""So many numbers fit beside each other; more are turned."""


@dataclass(frozen=True)
class Bars:
    """The bars of a series: their middles, where they begin, and how high they are from there."""

    series: Series
    places: Array
    bottoms: Array
    heights: Array
    width: float


def bars(marks: Marks) -> None:
    is_stacked = marks.chart.type is ChartType.STACKED_BAR
    found = _stacked(marks) if is_stacked else _grouped(marks)
    has_legend = len(found) > 1 or marks.data.line is not None
    for position, each in enumerate(found):
        drawn = _draw(marks, each, position)
        if has_legend:
            marks.explain(drawn, each.series.name)
    if marks.data.line:
        _line_across(marks, marks.data.line)
    marks.name_axes()
    if not marks.has_numbers():
        return
    for position, each in enumerate(found):
        if is_stacked:
            _number_within(marks, each, marks.colour(position))
        else:
            is_upright = len(found) * len(each.places) > _SIDE_BY_SIDE
            _number_above(marks, each, is_upright=is_upright)


def _grouped(marks: Marks) -> list[Bars]:
    places = np.arange(len(marks.data.categories), dtype=np.float64)
    count = len(marks.data.series)
    width = 0.8 / count
    return [
        Bars(
            series,
            places + (position - (count - 1) / 2) * width,
            np.zeros(len(places)),
            numbers(series.values),
            width,
        )
        for position, series in enumerate(marks.data.series)
    ]


def _stacked(marks: Marks) -> list[Bars]:
    """What is negative is stacked downwards."""
    places = np.arange(len(marks.data.categories), dtype=np.float64)
    above, below = np.zeros(len(places)), np.zeros(len(places))
    found = []
    for series in marks.data.series:
        heights = numbers(series.values)
        found.append(Bars(series, places, np.where(heights < 0, below, above), heights, 0.8))
        above = above + np.fmax(heights, 0)
        below = below + np.fmin(heights, 0)
    return found


def _draw(marks: Marks, bars: Bars, position: int) -> PolyCollection:
    # As one thing: thousands of rectangles would take matplotlib seconds.
    left, right = bars.places - bars.width / 2, bars.places + bars.width / 2
    low, high = bars.bottoms, bars.bottoms + bars.heights
    corners = np.array([[left, low], [left, high], [right, high], [right, low]]).transpose(2, 0, 1)
    drawn = PolyCollection(
        list(corners[~np.isnan(bars.heights)]),
        facecolors=marks.colour(position),
        linewidths=0,
        hatch=marks.kind(HATCHES, position),
        hatchcolors=seen_on(marks.colour(position)),
    )
    marks.axes.add_collection(drawn)
    return drawn


def _line_across(marks: Marks, line: Series) -> None:
    # Where there is one bar there is no line between two.
    marks.axes.plot(
        range(len(line.values)),
        numbers(line.values),
        color=LINE,
        linestyle="--",
        marker="_",
        markersize=6 if len(line.values) > 1 else 120,
        markeredgewidth=2,
    )
    marks.explain(Line2D([], [], color=LINE, linestyle="--"), line.name)


def _number_above(marks: Marks, bars: Bars, *, is_upright: bool) -> None:
    for place, value in zip(bars.places, bars.series.values, strict=True):
        if value is not None:
            marks.axes.annotate(
                written(value),
                (place, value),
                (0, -3 if value < 0 else 3),
                textcoords="offset points",
                ha="center",
                va="top" if value < 0 else "bottom",
                rotation=90 if is_upright else 0,
                fontsize=8,
                bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.5},
            )


def _number_within(marks: Marks, bars: Bars, paper: str) -> None:
    """Numbers in those bars that are high enough for one."""
    low, high = marks.axes.get_ylim()
    middles = bars.bottoms + bars.heights / 2
    for place, middle, value in zip(bars.places, middles, bars.series.values, strict=True):
        if value and abs(value) >= 0.03 * (high - low):
            marks.axes.text(
                place,
                middle,
                written(value),
                ha="center",
                va="center",
                fontsize=8,
                color=seen_on(paper),
                bbox={"facecolor": paper, "linewidth": 0, "pad": 0.5},
            )
