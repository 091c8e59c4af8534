"""Datasets are read here, whatever they are read for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.db import connection
from psycopg2 import sql

from hrapi.api.names import may_see_names
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.exports import record_export
from hrapi.tables import get_table
from reports.datasets.definition import Column, Dataset
from reports.datasets.period import Period
from reports.datasets.registry import all_datasets

MAX_ROWS_OF_ZEROS = 1_000_000

_CHUNK_ROWS = 2000

Rows = Iterator[Sequence[Any]]


def visible_columns(dataset: Dataset, user: Any) -> tuple[Column, ...]:
    """Those that the user may see: names of people take a right of their own."""
    return tuple(
        column
        for column in dataset.columns
        if not column.personal_to or may_see_names(user, get_table(column.personal_to))
    )


def readable_datasets(user: Any) -> list[Dataset]:
    """Those that the user may read."""
    return [dataset for dataset in all_datasets() if user.has_perm(dataset.permission)]


def record_names(columns: Sequence[Column]) -> None:
    """Records that names of people leave the service, if the columns hold any."""
    names = [column.name for column in columns]
    for table in sorted({column.personal_to for column in columns if column.personal_to}):
        record_export(get_table(table), names)


def query_of(dataset: Dataset, period: Period | None = None) -> sql.Composable:
    """The rows of the period as a SELECT of all columns, complete in itself, in no order.

    Raises ProblemError where zeros would make more rows of it than `MAX_ROWS_OF_ZEROS`.
    """
    period = period or Period()
    if period.zeros:
        _check_zeros(period)
    return sql.SQL(dataset.query).format(**period.expressions())


def _check_zeros(period: Period) -> None:
    [[months, departments, jobs]] = fetch(
        sql.SQL(
            "SELECT (SELECT count(*) FROM {}), (SELECT count(*) FROM departments), (SELECT count(*) FROM jobs)"
        ).format(period.months())
    )
    rows = months * departments * jobs
    if rows > MAX_ROWS_OF_ZEROS:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"zeros: {months:,} months of {departments:,} departments and {jobs:,} jobs are {rows:,} rows, and at"
            f" most {MAX_ROWS_OF_ZEROS:,} are given. Ask for a shorter period, or leave zeros out.",
        )


def select(
    dataset: Dataset, columns: Sequence[Column], period: Period | None = None
) -> sql.Composable:
    """The rows of the period as a SELECT of these columns, in the order of the dataset."""
    return sql.SQL("SELECT {} FROM ({}) AS rows ORDER BY {}").format(
        sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
        query_of(dataset, period),
        sql.SQL(dataset.sql_order),
    )


def as_text(query: sql.Composable) -> str:
    """The query as it goes to the server, its values in it: it takes no parameters."""
    connection.ensure_connection()
    text: str = query.as_string(connection.connection)
    return text


def rows_of(query: sql.Composable) -> Rows:
    """The rows, streamed: a number of them at a time is in memory.

    The query has run, and its first row is there, when this returns: what it raises is raised here.
    """
    rows = _fetched(as_text(query))
    first = next(rows, None)
    return rows if first is None else chain([first], rows)


def _fetched(query: str) -> Rows:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_CHUNK_ROWS):
            yield from rows


def all_rows(dataset: Dataset, period: Period) -> list[Sequence[Any]]:
    """All rows of the period with all columns, in no order; for datasets whose rows are few."""
    return fetch(query_of(dataset, period))


def fetch(query: sql.Composable) -> list[Sequence[Any]]:
    """The rows, all of them at once."""
    text = as_text(query)
    with connection.cursor() as cursor:
        cursor.execute(text)
        rows: list[Sequence[Any]] = cursor.fetchall()
    return rows
