"""Data that a chart of each type could have to draw."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from reports.charts.data import BOX, ChartData, Series
from reports.charts.definition import Chart, ChartType

NAMES = st.text(max_size=40)
TITLES = st.text(min_size=1, max_size=40)
WHOLE = st.integers(-(2**63), 2**63)
NUMBERS = WHOLE | st.floats(-1e18, 1e18)
MAYBE = st.none() | NUMBERS


def data_of(chart: Chart) -> st.SearchStrategy[ChartData]:
    if chart.type in _OF:
        return _OF[chart.type]()
    if chart.type is ChartType.BOX:
        return _boxes(has_x=bool(chart.x))
    return _series(most=10 if chart.groups else 1, has_line=chart.line is not None)


def _lists(of: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=size, max_size=size).map(tuple)


@st.composite
def _series(draw: st.DrawFn, *, most: int, has_line: bool) -> ChartData:
    size = draw(st.integers(0, 12))
    return ChartData(
        x_title=draw(TITLES),
        y_title=draw(TITLES),
        color_title=draw(TITLES),
        categories=draw(_lists(NAMES, size)),
        series=tuple(
            Series(draw(NAMES), draw(_lists(MAYBE, size)))
            for _ in range(draw(st.integers(1, most)))
        ),
        line=Series(draw(NAMES), draw(_lists(MAYBE, size))) if has_line else None,
        notes=tuple(draw(st.lists(NAMES, max_size=2))),
    )


@st.composite
def _slices(draw: st.DrawFn) -> ChartData:
    size = draw(st.integers(1, 13))
    values = draw(_lists(st.integers(0, 2**63), size))
    return ChartData(categories=draw(_lists(NAMES, size)), series=(Series(draw(NAMES), values),))


@st.composite
def _boxes(draw: st.DrawFn, *, has_x: bool) -> ChartData:
    boxes = draw(
        st.lists(
            st.none() | _lists(st.floats(-1e15, 1e15), 6).map(sorted),
            min_size=1 - has_x,
            max_size=8 if has_x else 1,
        )
    )
    columns = [
        tuple(box[position] if box else None for box in boxes)
        # The mean lies somewhere between the ends.
        for position in (0, 1, 2, 4, 5, 3)
    ]
    return ChartData(
        x_title=draw(TITLES) if has_x else "",
        y_title=draw(TITLES),
        categories=draw(_lists(NAMES, len(boxes))),
        series=tuple(map(Series, BOX, columns)),
    )


@st.composite
def _points(draw: st.DrawFn) -> ChartData:
    sizes = draw(st.lists(st.integers(0, 6), max_size=10))
    return ChartData(
        x_title="x",
        y_title="y",
        color_title=draw(NAMES),
        series=tuple(
            Series(draw(NAMES), draw(_lists(NUMBERS, size)), draw(_lists(NUMBERS, size)))
            for size in sizes
        ),
    )


@st.composite
def _table(draw: st.DrawFn) -> ChartData:
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(_lists(MAYBE | NAMES, width), max_size=20))
    return ChartData(columns=draw(_lists(NAMES, width)), rows=tuple(rows))


@st.composite
def _number(draw: st.DrawFn) -> ChartData:
    return ChartData(categories=("",), series=(Series(draw(NAMES), (draw(MAYBE),)),))


_OF: dict[ChartType, Any] = {
    ChartType.PIE: _slices,
    ChartType.SCATTER: _points,
    ChartType.TABLE: _table,
    ChartType.NUMBER: _number,
}
