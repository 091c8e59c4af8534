"""Names and numbers along the axes of a picture, as many as can be read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.charts.data import ChartData
from reports.charts.labels import shortened, written

_TITLE, _NAME = 100, 24
_LETTERS = 100
"""So many letters of names fit beside each other."""
_SLANTED, _UPRIGHT, _ROWS = 30, 70, 40


def title_axes(axes: Axes, data: ChartData) -> None:
    axes.set_xlabel(shortened(data.x_title, _TITLE))
    axes.set_ylabel(shortened(data.y_title, _TITLE))


def name_places(axes: Axes, names: Sequence[str]) -> None:
    """The names along x: turned where they are many, and every second or third where they are too many."""
    names = [shortened(name, _NAME) for name in names]
    if len(names) * (max(map(len, names)) + 2) <= _LETTERS:
        axes.set_xticks(range(len(names)), names)
    elif len(names) <= _SLANTED:
        axes.set_xticks(
            range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor", fontsize=9
        )
    else:
        step = math.ceil(len(names) / _UPRIGHT)
        axes.set_xticks(range(0, len(names), step), names[::step], rotation=90, fontsize=8)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """The names of a heatmap's rows, the first at the top."""
    step = math.ceil(len(names) / _ROWS)
    shown = [shortened(name, _NAME) for name in names[::step]]
    axes.set_yticks(range(0, len(names), step), shown, fontsize=9)


def colour_bar(axes: Axes, picture: AxesImage, data: ChartData) -> None:
    """What the colours of a heatmap stand for."""
    bar = axes.figure.colorbar(
        picture, ax=axes, label=shortened(data.color_title, _TITLE), pad=0.02
    )
    values = (value for series in data.series for value in series.values)
    count_along(bar.ax.yaxis, values)


def count_along(axis: Axis, values: Iterable[float | None]) -> None:
    """Numbers along an axis, whole ones where all values are whole."""
    is_whole = all(isinstance(value, int) for value in values if value is not None)
    axis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10], integer=is_whole))
    axis.set_major_formatter(FuncFormatter(lambda number, _: written(float(number))))


def from_zero(interval: Iterable[float]) -> tuple[float, float]:
    """A little more than the interval, with 0 in it."""
    low, high = interval
    if not low <= high:
        return 0, 1
    low, high = min(low, 0), max(high, 0)
    room = (high - low) * 0.05 or 1
    return low - room if low else 0, high + room if high or not low else 0
