from __future__ import annotations

import numpy as np

from reports.charts.data import Series
from reports.charts.drawing.axes import count_along, from_zero
from reports.charts.drawing.marks import DASHES, SYMBOLS, Marks, numbers
from reports.charts.labels import written


def lines(marks: Marks) -> None:
    has_numbers = marks.has_numbers()
    for position, series in enumerate(marks.data.series):
        [line] = marks.axes.plot(
            np.arange(len(marks.data.categories)),
            numbers(series.values),
            color=marks.colour(position),
            linestyle=marks.kind(DASHES, position),
            marker=marks.kind(SYMBOLS, position),
            markersize=5,
            clip_on=False,
        )
        if len(marks.data.series) > 1:
            marks.explain(line, series.name)
        if has_numbers:
            _write(marks, series)
    marks.name_axes()


def _write(marks: Marks, series: Series) -> None:
    for place, value in enumerate(series.values):
        if value is not None:
            marks.axes.annotate(
                written(value),
                (place, value),
                (0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )


def points(marks: Marks) -> None:
    for position, series in enumerate(marks.data.series):
        drawn = marks.axes.scatter(
            numbers(series.x),
            numbers(series.values),
            s=30,
            alpha=0.8,
            color=marks.colour(position),
            marker=marks.kind(SYMBOLS, position),
            linewidths=0,
        )
        if len(marks.data.series) > 1:
            marks.explain(drawn, series.name)
    marks.name_axes()
    marks.axes.grid(axis="x")
    count_along(marks.axes.xaxis, [value for series in marks.data.series for value in series.x])
    marks.axes.set_xlim(from_zero(marks.axes.dataLim.intervalx))
