from __future__ import annotations

import math

from matplotlib.patches import Wedge

from reports.charts.drawing.marks import HATCHES, Marks, seen_on
from reports.charts.labels import shortened, written

_NAME = 32
_SMALL = 0.03
"""Slices below this share have no room for a text; the legend has it."""


def pie(marks: Marks) -> None:
    [series] = marks.data.series
    values = [value or 0 for value in series.values]
    total = sum(values)
    if not total:
        marks.say("All slices are 0.")
        return
    shares = [value / total for value in values]
    drawn = marks.axes.pie(
        shares,
        colors=[marks.colour(position) for position in range(len(values))],
        hatch=[marks.kind(HATCHES, position) for position in range(len(values))],
        wedgeprops={"edgecolor": "white", "linewidth": 1},
        startangle=90,
        counterclock=False,
    )
    for position, (wedge, share) in enumerate(zip(drawn.wedges, shares, strict=True)):
        wedge.set_hatchcolor(seen_on(marks.colour(position)))
        name = f"{shortened(marks.data.categories[position], _NAME)} {share:.1%}"
        number = f" ({written(values[position])})" if marks.chart.options.values else ""
        marks.legend.append((wedge, name + number))
        if share >= _SMALL:
            _write_beside(marks, wedge, f"{share:.1%}")


def _write_beside(marks: Marks, wedge: Wedge, text: str) -> None:
    angle = math.radians((wedge.theta1 + wedge.theta2) / 2)
    x, y = math.cos(angle), math.sin(angle)
    marks.axes.text(1.05 * x, 1.05 * y, text, ha="left" if x > 0 else "right", va="center")
