"""The numbers of a chart, counted now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from psycopg2 import sql

from hrapi.api.csv_stream import format_moment
from hrapi.api.problems import ProblemCode, ProblemError
from reports.charts.data import BOX, ChartData, Number, Series
from reports.charts.definition import Chart, ChartType, Sort
from reports.charts.keeping import (
    MAX_SERIES,
    MAX_SLICES,
    Cells,
    in_order,
    kept_of,
    largest,
    left_out,
    put_together,
    series_kept,
    totals_of,
    without_gaps,
)
from reports.charts.labels import Key, label_of_rest, labels_of, measured, title_of, titled
from reports.charts.queries import aggregated, grouped_by, keys_of, named, select, series_columns
from reports.datasets.definition import Column
from reports.datasets.reading import fetch

MAX_GROUPS = 50_000
MAX_ROWS = 1_000
MAX_POINTS = 10_000


def chart_data(chart: Chart) -> ChartData:
    """The numbers of a chart, as they are now.

    Raises ProblemError where a column has more values than could be shown.
    """
    if chart.type is ChartType.TABLE:
        return _table(chart)
    if chart.type is ChartType.SCATTER:
        return _points(chart)
    if chart.type is ChartType.BOX:
        return _boxes(chart)
    return _grouped(chart)


def _table(chart: Chart) -> ChartData:
    names = [named(column) for column in chart.columns]
    order = sql.SQL(" ORDER BY {}").format(sql.SQL(chart.dataset.sql_order))
    limit = min(chart.options.top or MAX_ROWS, MAX_ROWS)
    rows = fetch(select(chart, names, order, limit=limit + 1))
    notes = (f"Only the first {limit:,} rows are shown.",) if len(rows) > limit else ()
    cells = tuple(tuple(map(_cell, row)) for row in rows[:limit])
    return ChartData(
        columns=tuple(map(titled, chart.columns)), rows=cells, notes=notes, is_cut=bool(notes)
    )


def _points(chart: Chart) -> ChartData:
    y = cast("Column", chart.y)
    # In the order of the dataset, so that the same rows give the same picture.
    order = sql.SQL(" ORDER BY {}").format(sql.SQL(chart.dataset.sql_order))
    keys = keys_of(series_columns(chart), chart)
    names = [named(column) for column in (chart.x[0], y, *keys)]
    rows = fetch(select(chart, names, order, limit=MAX_POINTS + 1))
    if len(rows) > MAX_POINTS:
        raise _too_many("scatter", MAX_POINTS, "points")
    groups: dict[Key, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[2:])].append(row)
    limit = min(chart.options.top or MAX_SERIES, MAX_SERIES)
    kept = in_order(chart, largest({key: len(group) for key, group in groups.items()}, limit))
    labels = labels_of(kept, series_columns(chart), groups)
    series = tuple(
        Series(
            labels[key] if chart.color else titled(y),
            tuple(row[1] for row in groups[key]),
            tuple(row[0] for row in groups[key]),
        )
        for key in kept
    )
    return ChartData(
        x_title=titled(chart.x[0]),
        y_title=titled(y),
        color_title=title_of(series_columns(chart)),
        series=series,
        notes=left_out([chart.color], len(groups), limit) if chart.color else (),
        is_cut=len(groups) > len(kept),
    )


def _boxes(chart: Chart) -> ChartData:
    y = cast("Column", chart.y)
    keys, amount = keys_of(chart.x, chart), named(y)
    # Quartiles between two rows lie in proportion between them, as Excel's QUARTILE.INC has them.
    figures = [sql.SQL("min({})::float8").format(amount)]
    figures += [
        sql.SQL("percentile_cont({}) WITHIN GROUP (ORDER BY {})").format(sql.Literal(share), amount)
        for share in (0.25, 0.5, 0.75)
    ]
    figures += [
        sql.SQL("max({})::float8").format(amount),
        sql.SQL("avg({})::float8").format(amount),
    ]
    rows = fetch(select(chart, [*map(named, keys), *figures], grouped_by(keys), MAX_GROUPS + 1))
    found = {tuple(row[: len(keys)]): row[len(keys) :] for row in rows}
    size = {key: values[2] or 0 for key, values in found.items()}
    kept, notes = kept_of(chart, size, chart.x)
    labels = labels_of(kept, chart.x, found)
    return ChartData(
        x_title=title_of(chart.x),
        y_title=titled(y),
        categories=tuple(labels[key] for key in kept),
        series=tuple(
            Series(name, tuple(found[key][position] for key in kept))
            for position, name in enumerate(BOX)
        ),
        notes=notes,
        is_cut=len(found) > len(kept),
    )


def _grouped(chart: Chart) -> ChartData:
    """Rows put together: by what is on x, and by what makes series."""
    x_keys = keys_of(chart.x, chart)
    keys = x_keys + keys_of(series_columns(chart), chart)
    amounts = [aggregated(chart)]
    if chart.line:
        amounts.append(sql.SQL("avg({})::float8").format(named(chart.line)))
    rows = fetch(select(chart, [*map(named, keys), *amounts], grouped_by(keys), MAX_GROUPS + 1))
    if len(rows) > MAX_GROUPS:
        raise _too_many(", ".join(column.name for column in keys), MAX_GROUPS, "groups")
    cells: Cells = {
        (tuple(row[: len(x_keys)]), tuple(row[len(x_keys) : len(keys)])): row[len(keys)]
        for row in rows
        if row[len(keys)] is not None
    }
    if chart.type is ChartType.PIE:
        return _slices(chart, totals_of(cells, 0))
    lines = {tuple(row[: len(x_keys)]): row[-1] for row in rows} if chart.line else {}
    return _series_of(chart, cells, lines)


def _series_of(chart: Chart, cells: Cells, lines: Mapping[Key, Number]) -> ChartData:
    totals = totals_of(cells, 0) if chart.x else {(): 0}
    categories, notes = kept_of(chart, totals, chart.x)
    is_cut = len(totals) > len(categories)
    if chart.options.sort is Sort.COLUMN:
        categories = without_gaps(chart, categories)
    sizes = totals_of(cells, 1)
    groups, merged, more = series_kept(chart, sizes)
    labels = labels_of(categories, chart.x, totals)
    names = labels_of(groups, series_columns(chart), sizes)
    # Where nothing was added up there is nothing; of means and the like there is no number.
    missing = 0 if chart.adds_up else None
    series = [
        Series(
            names[group] if chart.groups else measured(chart),
            tuple(cells.get((x, group), missing) for x in categories),
        )
        for group in groups
    ]
    if merged:
        others = tuple(sum(cells.get((x, group), 0) for group in merged) for x in categories)
        series.append(Series(label_of_rest(merged, names), others))
    is_heatmap = chart.type is ChartType.HEATMAP
    return ChartData(
        x_title=title_of(chart.x),
        y_title=titled(chart.y) if is_heatmap and chart.y else measured(chart),
        color_title=measured(chart) if is_heatmap else title_of(series_columns(chart)),
        categories=tuple(labels[key] for key in categories),
        series=tuple(series),
        line=Series(titled(chart.line), tuple(lines.get(key) for key in categories))
        if chart.line
        else None,
        notes=notes + more + _counted_again(chart),
        has_rest=bool(merged),
        is_cut=is_cut or len(sizes) > len(groups) + len(merged),
    )


def _slices(chart: Chart, totals: Mapping[Key, Number]) -> ChartData:
    if any(value < 0 for value in totals.values()):
        raise ProblemError(ProblemCode.INVALID_PARAMETER, "type: A pie has no negative slices.")
    limit = min(chart.options.top or MAX_SLICES, MAX_SLICES)
    by_size = largest(totals, len(totals))
    kept, rest = in_order(chart, by_size[:limit]), by_size[limit:]
    labels = labels_of(kept, chart.x, totals)
    names, values = [labels[key] for key in kept], [totals[key] for key in kept]
    notes = left_out(chart.x, len(totals), limit)
    if rest and chart.adds_up:
        names.append(label_of_rest(rest, labels))
        values.append(sum(totals[key] for key in rest))
        notes = put_together(chart.x[0], len(rest))
    return ChartData(
        x_title=title_of(chart.x),
        y_title=measured(chart),
        categories=tuple(names),
        series=(Series(measured(chart), tuple(values)),),
        notes=notes + _counted_again(chart),
        has_rest=len(names) > len(kept),
        is_cut=bool(rest) and not chart.adds_up,
    )


def _counted_again(chart: Chart) -> tuple[str, ...]:
    """What is to be said of numbers that count the same more than once."""
    if not chart.counts_again:
        return ()
    return (f"What has more than one {chart.dataset.counted_by} counts once for each of them.",)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _too_many(name: str, limit: int, what: str) -> ProblemError:
    return ProblemError(
        ProblemCode.INVALID_PARAMETER,
        f"{name}: There are more than {limit:,} {what}. Ask for a shorter period, or set filters.",
    )
