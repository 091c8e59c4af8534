"""Charts as figures of matplotlib, beside which title, legend and notes stand.

Importing this imports matplotlib. None of its global state is touched later, so that threads may draw at once.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import matplotlib as mpl
from matplotlib.figure import Figure

from reports.charts.data import ChartData
from reports.charts.definition import Chart, ChartType
from reports.charts.drawing.bars import bars
from reports.charts.drawing.boxes import boxes
from reports.charts.drawing.heatmap import heatmap
from reports.charts.drawing.lines import lines, points
from reports.charts.drawing.marks import Marks
from reports.charts.drawing.pie import pie
from reports.charts.drawing.tables import big_number, table
from reports.charts.labels import shortened

WIDTH, HEIGHT, DPI = 12, 6.75, 100
_TITLE, _NOTE, _NAME = 180, 320, 32
_ALONE, _BESIDE_LEGEND = 90, 65
"""So many letters of a title fit on a line."""
_GREY = "#555555"

_KINDS: dict[ChartType, Callable[[Marks], None]] = {
    ChartType.BAR: bars,
    ChartType.GROUPED_BAR: bars,
    ChartType.STACKED_BAR: bars,
    ChartType.LINE: lines,
    ChartType.HEATMAP: heatmap,
    ChartType.PIE: pie,
    ChartType.BOX: boxes,
    ChartType.SCATTER: points,
    ChartType.TABLE: table,
    ChartType.NUMBER: big_number,
}

# As it came, whatever the machine's own settings are.
mpl.rcdefaults()
mpl.rcParams.update(
    {
        # The second has a sign for every character, the last is for the reader of an SVG.
        "font.family": ["DejaVu Sans", "Last Resort High-Efficiency", "sans-serif"],
        "font.sans-serif": ["Verdana", "DejaVu Sans"],
        "text.parse_math": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "hrapi",
        "hatch.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.labelcolor": _GREY,
        "grid.color": "#DDDDDD",
    }
)


def draw(chart: Chart, data: ChartData, *, title: str, rejected_rows: int | None = None) -> Figure:
    """What `image` saves."""
    paper = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    marks = Marks(paper.add_subplot(), chart, data)
    if chart.type is ChartType.NUMBER or _is_something(data):
        _KINDS[chart.type](marks)
    else:
        marks.say("Nothing to show.")
    if title:
        _write_title(paper, title, letters=_BESIDE_LEGEND if marks.legend else _ALONE)
    if marks.legend:
        _write_legend(paper, marks)
    if notes := [*data.notes, *marks.notes, *_of_rejected(rejected_rows)]:
        _write_notes(paper, notes)
    return paper


def _is_something(data: ChartData) -> bool:
    return bool(data.rows) or any(
        value is not None for series in data.series for value in series.values
    )


def _write_title(paper: Figure, title: str, letters: int) -> None:
    text = textwrap.fill(shortened(title, _TITLE), letters)
    paper.suptitle(text, x=0.01, ha="left", fontsize=16)


def _write_legend(paper: Figure, marks: Marks) -> None:
    handles, names = zip(*marks.legend, strict=True)
    legend = paper.legend(
        handles,
        names,
        title=shortened(marks.data.color_title, _NAME),
        loc="outside right upper",
        alignment="left",
        frameon=False,
        fontsize=9,
    )
    legend.get_title().set_color(_GREY)


def _write_notes(paper: Figure, notes: list[str]) -> None:
    text = "\n".join(textwrap.fill(shortened(note, _NOTE), 160) for note in notes)
    paper.supxlabel(text, x=0.01, ha="left", fontsize=9, color=_GREY)


def _of_rejected(rows: int | None) -> list[str]:
    if not rows:
        return []
    what = "1 rejected row is" if rows == 1 else f"{rows:,} rejected rows are"
    return [f"{what} not in these figures."]
