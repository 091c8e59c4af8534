"""The numbers of a chart: what both renderers draw, and what stands in the table beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import chain, count
from typing import Any, cast

from psycopg2 import sql

from hrapi.api.csv_stream import format_moment
from hrapi.api.problems import ProblemCode, ProblemError
from reports.charts.definition import Aggregate, Chart, ChartType, Sort
from reports.charts.labels import label_of, titled
from reports.datasets.definition import Column, Type
from reports.datasets.reading import fetch, query_of

MAX_GROUPS = 50_000
MAX_ROWS = 1_000
MAX_POINTS = 10_000
MAX_CATEGORIES = 200
MAX_SERIES = 24
MAX_SLICES = 12
_ORDINALS = ("year", "quarter", "month")
_MANY = MAX_CATEGORIES + 1
BOX = ("minimum", "lower quartile", "median", "upper quartile", "maximum", "mean")

Number = int | float
Key = tuple[Any, ...]
Cells = Mapping[tuple[Key, Key], Number]


@dataclass(frozen=True)
class Series:
    """The numbers of one colour, each for the category at its place; for points also where on x they are."""

    name: str
    values: tuple[Number | None, ...]
    x: tuple[Number | None, ...] = ()


@dataclass(frozen=True)
class ChartData:
    """What a chart shows, in the order in which it shows it.

    Of a heatmap the series are its rows, of a box plot the figures in `BOX`. A table has `columns` and `rows`
    instead, texts and numbers. `notes` say in words what is not shown, or is put together. With `has_rest` the
    last series, of a pie the last slice, is the rest put together; with `is_cut` there is more than is shown.
    """

    x_title: str = ""
    y_title: str = ""
    color_title: str = ""
    categories: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    line: Series | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    notes: tuple[str, ...] = ()
    has_rest: bool = False
    is_cut: bool = False

    def table(self) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """The same as a table: its header and its rows."""
        if self.columns:
            return self.columns, list(self.rows)
        if any(series.x for series in self.series):
            header = (*([self.color_title] if self.color_title else []), self.x_title, self.y_title)
            return header, [
                (*([series.name] if self.color_title else []), x, y)
                for series in self.series
                for x, y in zip(series.x, series.values, strict=True)
            ]
        drawn = [*self.series, *([self.line] if self.line else [])]
        values = zip(*(series.values for series in drawn), strict=True)
        if not self.x_title:
            return tuple(series.name for series in drawn), list(values)
        header = (self.x_title, *(series.name for series in drawn))
        return header, [
            (category, *row) for category, row in zip(self.categories, values, strict=True)
        ]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ChartData:
        """What `as_json` gave, perhaps by way of JSON."""
        line = kept["line"]
        return cls(
            x_title=kept["x_title"],
            y_title=kept["y_title"],
            color_title=kept["color_title"],
            categories=tuple(kept["categories"]),
            series=tuple(map(_series, kept["series"])),
            line=_series(line) if line else None,
            columns=tuple(kept["columns"]),
            rows=tuple(map(tuple, kept["rows"])),
            notes=tuple(kept["notes"]),
            # Of links that were frozen before these were kept, nothing is known.
            has_rest=kept.get("has_rest", False),
            is_cut=kept.get("is_cut", False),
        )


def _series(kept: Mapping[str, Any]) -> Series:
    return Series(kept["name"], tuple(kept["values"]), tuple(kept["x"]))


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
    names = [_name(column) for column in chart.columns]
    order = sql.SQL(" ORDER BY {}").format(sql.SQL(chart.dataset.sql_order))
    limit = min(chart.options.top or MAX_ROWS, MAX_ROWS)
    rows = fetch(_select(chart, names, order, limit=limit + 1))
    notes = (f"Only the first {limit:,} rows are shown.",) if len(rows) > limit else ()
    cells = tuple(tuple(map(_cell, row)) for row in rows[:limit])
    return ChartData(
        columns=tuple(map(titled, chart.columns)), rows=cells, notes=notes, is_cut=bool(notes)
    )


def _points(chart: Chart) -> ChartData:
    y = cast("Column", chart.y)
    # In the order of the dataset, so that the same rows give the same picture.
    order = sql.SQL(" ORDER BY {}").format(sql.SQL(chart.dataset.sql_order))
    keys = _keys(_of_series(chart), chart)
    names = [_name(column) for column in (chart.x[0], y, *keys)]
    rows = fetch(_select(chart, names, order, limit=MAX_POINTS + 1))
    if len(rows) > MAX_POINTS:
        raise _too_many("scatter", MAX_POINTS, "points")
    groups: dict[Key, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[2:])].append(row)
    limit = min(chart.options.top or MAX_SERIES, MAX_SERIES)
    kept = _in_order(chart, _largest({key: len(group) for key, group in groups.items()}, limit))
    labels = _labels(kept, _of_series(chart), groups)
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
        color_title=_title(_of_series(chart)),
        series=series,
        notes=_left_out([chart.color], len(groups), limit) if chart.color else (),
        is_cut=len(groups) > len(kept),
    )


def _boxes(chart: Chart) -> ChartData:
    y = cast("Column", chart.y)
    keys, amount = _keys(chart.x, chart), _name(y)
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
    rows = fetch(_select(chart, [*map(_name, keys), *figures], _grouped_by(keys), MAX_GROUPS + 1))
    found = {tuple(row[: len(keys)]): row[len(keys) :] for row in rows}
    size = {key: values[2] or 0 for key, values in found.items()}
    kept, notes = _kept(chart, size, chart.x)
    labels = _labels(kept, chart.x, found)
    return ChartData(
        x_title=_title(chart.x),
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
    x_keys = _keys(chart.x, chart)
    keys = x_keys + _keys(_of_series(chart), chart)
    amounts = [_aggregated(chart)]
    if chart.line:
        amounts.append(sql.SQL("avg({})::float8").format(_name(chart.line)))
    rows = fetch(_select(chart, [*map(_name, keys), *amounts], _grouped_by(keys), MAX_GROUPS + 1))
    if len(rows) > MAX_GROUPS:
        raise _too_many(", ".join(column.name for column in keys), MAX_GROUPS, "groups")
    cells: Cells = {
        (tuple(row[: len(x_keys)]), tuple(row[len(x_keys) : len(keys)])): row[len(keys)]
        for row in rows
        if row[len(keys)] is not None
    }
    if chart.type is ChartType.PIE:
        return _slices(chart, _totals(cells, 0))
    lines = {tuple(row[: len(x_keys)]): row[-1] for row in rows} if chart.line else {}
    return _series_of(chart, cells, lines)


def _series_of(chart: Chart, cells: Cells, lines: Mapping[Key, Number]) -> ChartData:
    totals = _totals(cells, 0) if chart.x else {(): 0}
    categories, notes = _kept(chart, totals, chart.x)
    is_cut = len(totals) > len(categories)
    if chart.options.sort is Sort.COLUMN:
        categories = _without_gaps(chart, categories)
    sizes = _totals(cells, 1)
    groups, merged, more = _series_kept(chart, sizes)
    labels = _labels(categories, chart.x, totals)
    names = _labels(groups, _of_series(chart), sizes)
    # Where nothing was added up there is nothing; of means and the like there is no number.
    missing = 0 if chart.adds_up else None
    series = [
        Series(
            names[group] if chart.groups else _measured(chart),
            tuple(cells.get((x, group), missing) for x in categories),
        )
        for group in groups
    ]
    if merged:
        others = tuple(sum(cells.get((x, group), 0) for group in merged) for x in categories)
        series.append(Series(_name_of_rest(merged, names), others))
    is_heatmap = chart.type is ChartType.HEATMAP
    return ChartData(
        x_title=_title(chart.x),
        y_title=titled(chart.y) if is_heatmap and chart.y else _measured(chart),
        color_title=_measured(chart) if is_heatmap else _title(_of_series(chart)),
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
    by_size = _largest(totals, len(totals))
    kept, rest = _in_order(chart, by_size[:limit]), by_size[limit:]
    labels = _labels(kept, chart.x, totals)
    names, values = [labels[key] for key in kept], [totals[key] for key in kept]
    notes = _left_out(chart.x, len(totals), limit)
    if rest and chart.adds_up:
        names.append(_name_of_rest(rest, labels))
        values.append(sum(totals[key] for key in rest))
        notes = _put_together(chart.x[0], len(rest))
    return ChartData(
        x_title=_title(chart.x),
        y_title=_measured(chart),
        categories=tuple(names),
        series=(Series(_measured(chart), tuple(values)),),
        notes=notes + _counted_again(chart),
        has_rest=len(names) > len(kept),
        is_cut=bool(rest) and not chart.adds_up,
    )


def _of_series(chart: Chart) -> list[Column]:
    return [chart.groups] if chart.groups else []


def _select(
    chart: Chart, what: Sequence[sql.Composable], rest: sql.Composable, limit: int
) -> sql.Composable:
    return sql.SQL("SELECT {} FROM ({}) AS rows WHERE {}{} LIMIT {}").format(
        sql.SQL(", ").join(what),
        query_of(chart.dataset, chart.period),
        _filtered(chart),
        rest,
        sql.Literal(limit),
    )


def _filtered(chart: Chart) -> sql.Composable:
    conditions = [
        sql.SQL("{} IN ({})").format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.Literal, values))
        )
        for name, values in chart.filters.items()
    ]
    return sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("TRUE")


def _name(column: Column) -> sql.Composable:
    return sql.Identifier(column.name)


def _grouped_by(keys: Sequence[Column]) -> sql.Composable:
    if not keys:
        return sql.SQL("")
    return sql.SQL(" GROUP BY {}").format(sql.SQL(", ").join(map(_name, keys)))


def _aggregated(chart: Chart) -> sql.Composable:
    if chart.aggregate is Aggregate.COUNT or chart.measure is None:
        return sql.SQL("count(*)")
    function = "avg" if chart.aggregate is Aggregate.MEAN else chart.aggregate.value
    is_whole = chart.measure.type is Type.INTEGER and chart.aggregate is not Aggregate.MEAN
    return sql.SQL("{}({})::{}").format(
        sql.SQL(function), _name(chart.measure), sql.SQL("bigint" if is_whole else "float8")
    )


def _keys(columns: Iterable[Column], chart: Chart) -> list[Column]:
    """The columns, and after them the ids of what they name: two departments of one name stay two."""
    columns = list(columns)
    by_name = {column.name: column for column in chart.dataset.columns}
    ids = [by_name.get(f"{column.name}_id") for column in columns if column.type is Type.TEXT]
    return [*columns, *(column for column in ids if column)]


def _labels(keys: Iterable[Key], columns: Sequence[Column], known: Iterable[Key]) -> dict[Key, str]:
    """A text for each key, no two the same; with its ids where another of those known has its name."""
    plain = {key: label_of(columns, key) for key in (*known, *keys)}
    shared = Counter(plain.values())
    taken, labels = set(shared), {}
    for key in keys:
        labels[key] = label = plain[key]
        if shared[label] > 1:
            ids = ", ".join(map(str, key[len(columns) :]))
            labels[key] = _unlike(taken, f"{label} ({ids})" if ids else label)
            taken.add(labels[key])
    return labels


def _unlike(taken: Collection[str], label: str) -> str:
    """The label, with a number behind it if it is taken."""
    numbered = (f"{label} #{number}" for number in count(2))
    return next(text for text in chain([label], numbered) if text not in taken)


def _name_of_rest(rest: Sequence[Key], labels: Mapping[Key, str]) -> str:
    return _unlike(labels.values(), f"Other ({len(rest):,})")


def _order(key: Key) -> tuple[Any, ...]:
    """By size and by the alphabet, nothing last."""
    return tuple(
        (value is None, value.casefold() if isinstance(value, str) else value or 0, str(value))
        for value in key
    )


def _totals(cells: Cells, position: int) -> dict[Key, Number]:
    totals: dict[Key, Number] = defaultdict(int)
    for pair, value in cells.items():
        totals[pair[position]] += value
    return dict(totals)


def _largest(totals: Mapping[Key, Number], limit: int) -> list[Key]:
    return sorted(totals, key=lambda key: (-totals[key], _order(key)))[:limit]


def _in_order(chart: Chart, by_size: list[Key]) -> list[Key]:
    return sorted(by_size, key=_order) if chart.options.sort is Sort.COLUMN else by_size


def _kept(
    chart: Chart, size: Mapping[Key, Number], columns: Sequence[Column]
) -> tuple[list[Key], tuple[str, ...]]:
    """What is shown on x, in its order, and what is to be said of the rest."""
    asked = chart.options.top if chart.groups is None else 0
    limit = min(asked or MAX_CATEGORIES, MAX_CATEGORIES)
    kept = _in_order(chart, _largest(size, limit))
    return kept, _left_out(columns, len(size), limit) if columns else ()


def _series_kept(
    chart: Chart, totals: Mapping[Key, Number]
) -> tuple[list[Key], list[Key], tuple[str, ...]]:
    """The series that are drawn, those that are put together as one, and what is to be said of it."""
    if chart.groups is None:
        return [()], [], ()
    most = MAX_CATEGORIES if chart.type is ChartType.HEATMAP else MAX_SERIES
    limit = min(chart.options.top or most, most)
    by_size = _largest(totals, len(totals))
    kept, rest = _in_order(chart, by_size[:limit]), by_size[limit:]
    if rest and chart.adds_up:
        return kept, rest, _put_together(chart.groups, len(rest))
    return kept, [], _left_out([chart.groups], len(totals), limit)


def _put_together(column: Column, count: int) -> tuple[str, ...]:
    return (f"Other is {count:,} more put together: {titled(column)}.",)


def _left_out(columns: Sequence[Column], total: int, limit: int) -> tuple[str, ...]:
    if total <= limit:
        return ()
    return (f"Only the largest {limit:,} of {total:,} are shown: {_title(columns)}.",)


def _counted_again(chart: Chart) -> tuple[str, ...]:
    """What is to be said of numbers that count the same more than once."""
    if not chart.counts_again:
        return ()
    return (f"What has more than one {chart.dataset.counted_by} counts once for each of them.",)


def _without_gaps(chart: Chart, keys: list[Key]) -> list[Key]:
    """Days, months, quarters and years between the first and the last are there, if with nothing.

    Not where filters choose among them: what they take out is not nothing.
    """
    if len(chart.x) != 1 or not keys or keys[-1][0] is None:
        return keys
    [column], first, last = chart.x, keys[0][0], keys[-1][0]
    if not chart.filters.keys().isdisjoint({*_ORDINALS, column.name}):
        return keys
    if column.type is Type.DATE:
        steps = [first + timedelta(days=day) for day in range(min((last - first).days + 1, _MANY))]
    elif column.name in _ORDINALS:
        steps = list(range(first, min(last + 1, first + _MANY)))
    else:
        return keys
    return [(step,) for step in steps] if len(steps) <= MAX_CATEGORIES else keys


def _measured(chart: Chart) -> str:
    if chart.aggregate is Aggregate.COUNT or chart.measure is None:
        return "Rows"
    name = titled(chart.measure)
    return name if chart.aggregate is Aggregate.SUM else f"{name} ({chart.aggregate})"


def _title(columns: Sequence[Column]) -> str:
    return ", ".join(map(titled, columns))


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
