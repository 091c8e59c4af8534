from __future__ import annotations

from itertools import accumulate
from typing import Any

from matplotlib.transforms import Bbox

from reports.charts.drawing.marks import GREY, Marks, number
from reports.charts.labels import shortened

_ROWS, _LETTERS = 24, 150
"""So many fit below and beside each other."""
_TEXT, _GAP = 32, 2
_NAME, _LARGEST = 60, 96


def table(marks: Marks) -> None:
    header, rows = marks.data.table()
    texts = [[_cell(value) for value in row] for row in (header, *rows[:_ROWS])]
    letters = [max(map(len, column)) + _GAP for column in zip(*texts, strict=True)]
    shown = max(sum(total <= _LETTERS for total in accumulate(letters)), 1)
    if len(rows) > _ROWS:
        marks.notes.append(f"Only the first {_ROWS} of {len(rows):,} rows fit in the picture.")
    if shown < len(header):
        marks.notes.append(f"Only the first {shown} of {len(header)} columns fit in the picture.")
    height, widths = len(texts) / (_ROWS + 1), [each / _LETTERS for each in letters[:shown]]
    marks.axes.set_axis_off()
    drawn = marks.axes.table(
        [row[:shown] for row in texts],
        colWidths=widths,
        bbox=Bbox.from_extents(0, 1 - height, sum(widths), 1),
        edges="horizontal",
    )
    drawn.auto_set_font_size(False)
    is_text = [any(isinstance(row[column], str) for row in rows) for column in range(shown)]
    for (row, column), cell in drawn.get_celld().items():
        cell.set_edgecolor("#CCCCCC")
        cell.set_text_props(
            fontsize=9,
            ha="left" if is_text[column] else "right",
            color="black" if row else GREY,
        )


def _cell(value: Any) -> str:
    return shortened(value, _TEXT) if isinstance(value, str) else number(value)


def big_number(marks: Marks) -> None:
    [series] = marks.data.series
    marks.axes.set_axis_off()
    text = number(series.values[0]) or "–"
    size = min(_LARGEST, 1000 / len(text))
    marks.axes.text(0.5, 0.55, text, ha="center", va="center", fontsize=size)
    name = shortened(series.name, _NAME)
    marks.axes.text(0.5, 0.32, name, ha="center", va="center", fontsize=20, color=GREY)
