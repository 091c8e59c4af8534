"""A chart in a few sentences, for whoever does not see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from reports.charts.data import BOX, ChartData, Number, Series
from reports.charts.definition import Chart, ChartType
from reports.charts.labels import printed, written

Named = tuple[str, Number]
Each = TypeVar("Each")
_MOST_NAMES = 3


def summary(chart: Chart, data: ChartData) -> str:
    """What it is, its total, its largest and smallest, what is not shown. Plain text: names are not escaped."""
    is_something = data.rows or any(_there(series) for series in data.series)
    what = _SENTENCES[chart.type](chart, data) if is_something else ["Nothing to show."]
    return " ".join([_heading(chart, data), *what, *data.notes])


def _heading(chart: Chart, data: ChartData) -> str:
    name = _NAMES[chart.type]
    measured, groups = _titles(chart, data)
    by = " and ".join(title for title in (data.x_title, groups) if title)
    if chart.type is ChartType.SCATTER:
        by, measured = groups, f"{data.y_title} against {data.x_title}"
    if not measured:
        return f"{name}."
    return f"{name}: {measured} by {by}." if by else f"{name}: {measured}."


def _titles(chart: Chart, data: ChartData) -> tuple[str, str]:
    """What is measured, and what makes series."""
    if chart.type is ChartType.HEATMAP:
        return data.color_title, data.y_title
    return data.y_title, data.color_title


def _one_series(chart: Chart, data: ChartData) -> list[str]:
    [series] = data.series
    pairs = _pairs(data.categories, series)
    named = _without_rest(pairs, data)
    return [
        *_together(chart, data, pairs),
        _extremes(named, data, whole=_whole(chart, pairs), is_all=not data.has_rest),
        *_missing(series),
        *_of_line(data.line),
    ]


def _several(chart: Chart, data: ChartData) -> list[str]:
    cells = _cells(data)
    if not chart.adds_up:
        return [_extremes(cells, data)]
    whole, (_, groups) = _whole(chart, cells), _titles(chart, data)
    columns = zip(*(series.values for series in data.series), strict=True)
    by_category = list(zip(map(printed, data.categories), map(_sum, columns), strict=True))
    by_series = [(printed(series.name), _sum(series.values)) for series in data.series]
    return [
        *_together(chart, data, cells),
        _extremes(by_category, data, f"By {data.x_title}", whole=whole),
        _extremes(
            _without_rest(by_series, data),
            data,
            f"By {groups}",
            whole=whole,
            is_all=not data.has_rest,
        ),
    ]


def _lines(chart: Chart, data: ChartData) -> list[str]:
    if chart.groups:
        named = replace(data, series=tuple(_without_rest(data.series, data)))
        peak = _extremes(
            _cells(named), data, most="peak", least="lowest point", is_all=not data.has_rest
        )
        return [*_several(chart, data), peak] if chart.adds_up else [peak]
    [series] = data.series
    pairs = _pairs(data.categories, series)
    (first, begin), (last, end) = pairs[0], pairs[-1]
    return [
        *_together(chart, data, pairs),
        *(
            [f"It goes from {written(begin)} ({first}) to {written(end)} ({last})."]
            if first != last
            else []
        ),
        _extremes(pairs, data, most="peak", least="lowest point"),
        *_missing(series),
    ]


def _boxes(chart: Chart, data: ChartData) -> list[str]:
    figures = dict(zip(BOX, data.series, strict=True))
    lowest, highest = min(_there(figures["minimum"])), max(_there(figures["maximum"]))
    medians = _pairs(data.categories, figures["median"])
    which = "The rows shown" if data.is_cut else "All rows"
    rows = f"{which} lie from {written(lowest)} to {written(highest)}."
    if data.x_title:
        most = _extremes(medians, data, most="highest median", least="lowest", each="each median")
        return [rows, most]
    [mean] = _there(figures["mean"])
    return [rows, f"The median is {written(medians[0][1])}, the mean {written(mean)}."]


def _points(chart: Chart, data: ChartData) -> list[str]:
    count = sum(len(series.values) for series in data.series)
    x = [value for series in data.series for value in series.x if value is not None]
    y = [value for series in data.series for value in _there(series)]
    ranges = [
        f"{title} lies from {written(min(values))} to {written(max(values))}."
        for title, values in ((data.x_title, x), (data.y_title, y))
        if values
    ]
    return [f"{count:,} point{'' if count == 1 else 's'}.", *ranges]


def _table(chart: Chart, data: ChartData) -> list[str]:
    header, rows = data.table()
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    return [f"{count} of {_listed(header, len(header))}."]


def _number(chart: Chart, data: ChartData) -> list[str]:
    [value] = _there(data.series[0])
    return [f"It is {written(value)}."]


_SENTENCES: dict[ChartType, Callable[[Chart, ChartData], list[str]]] = {
    ChartType.BAR: _one_series,
    ChartType.GROUPED_BAR: _several,
    ChartType.STACKED_BAR: _several,
    ChartType.LINE: _lines,
    ChartType.HEATMAP: _several,
    ChartType.PIE: _one_series,
    ChartType.BOX: _boxes,
    ChartType.SCATTER: _points,
    ChartType.TABLE: _table,
    ChartType.NUMBER: _number,
}
_NAMES = {
    ChartType.BAR: "Bar chart",
    ChartType.GROUPED_BAR: "Grouped bar chart",
    ChartType.STACKED_BAR: "Stacked bar chart",
    ChartType.LINE: "Line chart",
    ChartType.HEATMAP: "Heatmap",
    ChartType.PIE: "Pie chart",
    ChartType.BOX: "Box plot",
    ChartType.SCATTER: "Scatter plot",
    ChartType.TABLE: "Table",
    ChartType.NUMBER: "Number",
}


def _there(series: Series) -> list[Number]:
    return [value for value in series.values if value is not None]


def _pairs(names: Iterable[str], series: Series) -> list[Named]:
    return [
        (printed(name), value)
        for name, value in zip(names, series.values, strict=True)
        if value is not None
    ]


def _cells(data: ChartData) -> list[Named]:
    return [
        (f"{name} / {printed(series.name)}", value)
        for series in data.series
        for name, value in _pairs(data.categories, series)
    ]


def _sum(values: Iterable[Number | None]) -> Number:
    return sum(value or 0 for value in values)


def _together(chart: Chart, data: ChartData, pairs: Sequence[Named]) -> list[str]:
    if not chart.has_total or len(pairs) == 1:
        return []
    lead = "Those shown are together" if data.is_cut else "Together they are"
    return [f"{lead} {written(_sum(value for _, value in pairs))}."]


def _whole(chart: Chart, pairs: Sequence[Named]) -> Number:
    """That of which the numbers are shares, 0 where they are none."""
    has_shares = chart.has_total and all(value >= 0 for _, value in pairs)
    return _sum(value for _, value in pairs) if has_shares else 0


def _without_rest(of_each: Sequence[Each], data: ChartData) -> Sequence[Each]:
    """Without what is put together, the last."""
    return of_each[:-1] if data.has_rest else of_each


def _extremes(
    pairs: Sequence[Named],
    data: ChartData,
    lead: str = "",
    *,
    most: str = "largest",
    least: str = "smallest",
    each: str = "each",
    whole: Number = 0,
    is_all: bool = True,
) -> str:
    """The most and the least, and whose it is; of what is not all there is, only the most that is shown."""
    values = [value for _, value in pairs]
    high, low = max(values), min(values)
    the = f"{lead}, the" if lead else "The"
    of_what = "all shown" if data.is_cut else "the total"
    share = f", {high / whole:.1%} of {of_what}" if whole else ""
    if data.is_cut and len(pairs) == 1:
        share = ""
    if data.is_cut or not is_all:
        return f"{the} {most} shown is {_whose(pairs, high)}{share}."
    if len(pairs) == 1:
        return f"{the} only one is {_whose(pairs, high)}."
    if high == low:
        each = f"{lead}, {each}" if lead else each.capitalize()
        return f"{each} is {written(high)}."
    return f"{the} {most} is {_whose(pairs, high)}{share}; the {least} is {_whose(pairs, low)}."


def _whose(pairs: Sequence[Named], value: Number) -> str:
    names = [name for name, each in pairs if each == value]
    return f"{written(value)} ({_listed(names, _MOST_NAMES)})"


def _listed(names: Sequence[str], most: int) -> str:
    """`a`, `a and b`, `a, b, c and 4 more`."""
    shown, rest = list(map(printed, names[:most])), len(names) - most
    if rest > 0:
        shown.append(f"{rest:,} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _missing(series: Series) -> list[str]:
    count = series.values.count(None)
    return [f"{count:,} {'has' if count == 1 else 'have'} no number."] if count else []


def _of_line(line: Series | None) -> list[str]:
    values = _there(line) if line else []
    if not line or not values:
        return []
    low, high = written(min(values)), written(max(values))
    where = f"at {low}" if low == high else f"between {low} and {high}"
    return [f"The line of {printed(line.name)} is {where}."]
