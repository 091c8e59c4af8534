"""The SQL of a chart: rows of its dataset, put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg2 import sql

from reports.charts.definition import Aggregate, Chart
from reports.datasets.definition import Column, Type
from reports.datasets.reading import query_of


def select(
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


def named(column: Column) -> sql.Composable:
    return sql.Identifier(column.name)


def grouped_by(keys: Sequence[Column]) -> sql.Composable:
    if not keys:
        return sql.SQL("")
    return sql.SQL(" GROUP BY {}").format(sql.SQL(", ").join(map(named, keys)))


def aggregated(chart: Chart) -> sql.Composable:
    if chart.aggregate is Aggregate.COUNT or chart.measure is None:
        return sql.SQL("count(*)")
    function = "avg" if chart.aggregate is Aggregate.MEAN else chart.aggregate.value
    is_whole = chart.measure.type is Type.INTEGER and chart.aggregate is not Aggregate.MEAN
    return sql.SQL("{}({})::{}").format(
        sql.SQL(function), named(chart.measure), sql.SQL("bigint" if is_whole else "float8")
    )


def series_columns(chart: Chart) -> list[Column]:
    return [chart.groups] if chart.groups else []


def keys_of(columns: Iterable[Column], chart: Chart) -> list[Column]:
    """The columns, and after them the ids of what they name: two departments of one name stay two."""
    columns = list(columns)
    by_name = {column.name: column for column in chart.dataset.columns}
    ids = [by_name.get(f"{column.name}_id") for column in columns if column.type is Type.TEXT]
    return [*columns, *(column for column in ids if column)]
