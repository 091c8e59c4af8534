from __future__ import annotations

from reports.charts.drawing.marks import Marks

# What matplotlib calls the figures in `BOX`, in their order.
_KEYS = ("whislo", "q1", "med", "q3", "whishi", "mean")
_NOTE = (
    "Boxes hold the middle half of the rows, whiskers all of them. "
    "The line in a box is the median, the dashed one the mean."
)


def boxes(marks: Marks) -> None:
    figures = zip(*(series.values for series in marks.data.series), strict=True)
    drawn = {
        place: dict(zip(_KEYS, values, strict=True))
        for place, values in enumerate(figures)
        if None not in values
    }
    marks.axes.bxp(
        list(drawn.values()),
        list(drawn),
        widths=0.6,
        patch_artist=True,
        boxprops={"facecolor": marks.colour(0), "alpha": 0.6},
        medianprops={"color": "black", "linewidth": 2},
        showmeans=True,
        meanline=True,
        meanprops={"color": "black", "linestyle": "--"},
        showfliers=False,
        manage_ticks=False,
    )
    marks.notes.append(_NOTE)
    marks.name_axes()
