"""What the types of charts share when they are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from reports.charts.data import ChartData
from reports.charts.definition import Chart
from reports.charts.drawing.axes import count_along, from_zero, name_places, title_axes
from reports.charts.labels import shortened, written
from reports.charts.palettes import colour, turn

GREY = "#666666"
HATCHES = ("", "//", "xx", "..", "--", "||", "++")
DASHES = ("-", "--", ":", "-.", (0, (8, 3)), (0, (8, 3, 2, 3)))
SYMBOLS = ("o", "s", "D", "P", "X", "^", "*")
NO_ROOM = "The numbers do not fit in the picture."
_NAME = 32
_NUMBERS = 90
"""So many fit beside what is drawn."""

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Marks:
    """Axes that are drawn on, and what belongs beside them: drawn things with their names, and notes."""

    axes: Axes
    chart: Chart
    data: ChartData
    legend: list[tuple[Any, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def explain(self, drawn: Any, name: str) -> None:
        self.legend.append((drawn, shortened(name, _NAME)))

    def say(self, text: str) -> None:
        """Writes this in place of a chart."""
        self.axes.set_axis_off()
        self.axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=16, color=GREY)

    def colour(self, position: int) -> str:
        return colour(self.chart.options.palette, position)

    def kind(self, kinds: Sequence[Any], position: int) -> Any:
        """Of hatches and the like: another one each time that the colours begin anew."""
        return kinds[turn(self.chart.options.palette, position) % len(kinds)]

    def has_numbers(self) -> bool:
        """Whether numbers are to be written beside what is drawn, and have room there."""
        if not self.chart.options.values:
            return False
        if len(self.data.series) * len(self.data.categories) <= _NUMBERS:
            return True
        self.notes.append(NO_ROOM)
        return False

    def name_axes(self) -> None:
        """Names, numbers and a grid for what counts upwards from 0."""
        axes, data = self.axes, self.data
        title_axes(axes, data)
        axes.grid(axis="y")
        drawn = [*data.series, *([data.line] if data.line else [])]
        count_along(axes.yaxis, [value for series in drawn for value in series.values])
        axes.set_ylim(from_zero(axes.dataLim.intervaly))
        if data.categories:
            name_places(axes, data.categories)
            # A single bar is not to fill the picture.
            middle, half = (len(data.categories) - 1) / 2, max(len(data.categories) + 0.2, 4) / 2
            axes.set_xlim(middle - half, middle + half)


def numbers(values: Sequence[float | None]) -> Array:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def number(value: float | None) -> str:
    return "" if value is None else written(value)


def seen_on(paper: Any) -> str:
    """The colour of letters on this one."""
    red, green, blue = to_rgb(paper)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
