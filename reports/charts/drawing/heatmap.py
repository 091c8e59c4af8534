from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from reports.charts.drawing.axes import colour_bar, name_places, name_rows, title_axes
from reports.charts.drawing.marks import NO_ROOM, Marks, numbers, seen_on
from reports.charts.labels import written
from reports.charts.palettes import SCALES

_COLUMNS, _ROWS = 24, 32
"""With more there is no room for a number in each cell."""


def heatmap(marks: Marks) -> None:
    axes, data = marks.axes, marks.data
    colours = SCALES[marks.chart.options.palette]
    cells = np.array([numbers(series.values) for series in data.series])
    picture = axes.imshow(
        cells,
        cmap=LinearSegmentedColormap.from_list("", colours, bad="white"),
        aspect="auto",
        interpolation="nearest",
    )
    axes.spines[:].set_visible(False)
    title_axes(axes, data)
    name_places(axes, data.categories)
    name_rows(axes, [series.name for series in data.series])
    colour_bar(axes, picture, data)
    if not marks.chart.options.values:
        return
    if len(data.categories) > _COLUMNS or len(data.series) > _ROWS:
        marks.notes.append(NO_ROOM)
    else:
        _write(marks, picture.to_rgba(cells))


def _write(marks: Marks, colours: np.ndarray) -> None:
    for row, series in enumerate(marks.data.series):
        for place, value in enumerate(series.values):
            if value is not None:
                marks.axes.text(
                    place,
                    row,
                    written(value),
                    ha="center",
                    va="center",
                    fontsize=8,
                    color=seen_on(colours[row, place]),
                )
