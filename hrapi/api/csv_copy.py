"""Whole tables as CSV, written by PostgreSQL itself: COPY, in flat memory, faster than any Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import IO, Any

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from psycopg2 import sql

from hrapi.api.file_response import file_response
from hrapi.csv_cells import RUN_BY_SPREADSHEETS_SQL


class Cells(StrEnum):
    """How the values of a column become cells: the same text as everywhere in CSV."""

    PLAIN = "{}"
    """As the server writes them."""
    TEXT = (
        "CASE WHEN ascii({0}) BETWEEN 48 AND 57 OR ascii({0}) BETWEEN 65 AND 90 OR ascii({0}) BETWEEN 97 AND 122"
        " THEN {0} WHEN {0} ~ {1} THEN '''' || {0} ELSE {0} END"
    )
    DATETIME = (
        "CASE WHEN date_trunc('second', {0}) = {0} THEN replace(({0} AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z'"
        " ELSE to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') END"
    )


CELLS_OF_TYPE: dict[Any, Cells] = {int: Cells.PLAIN, str: Cells.TEXT, datetime: Cells.DATETIME}


def copy_response(
    query: sql.Composable, columns: Sequence[tuple[str, Cells]], *, file_name: str
) -> StreamingHttpResponse:
    """The rows of `query`, in its order, under a header: the same answer as `csv_response`, with its length.

    `query` is a SELECT that takes no parameters; `columns` are its columns, by name.
    """
    cells = sql.SQL(", ").join(_cell(name, cells) for name, cells in columns)
    copied = sql.SQL("COPY (SELECT {} FROM ({}) AS rows) TO STDOUT WITH (FORMAT csv, HEADER)")

    def write(file: IO[bytes]) -> None:
        # Django translates the errors of execute(), not those of COPY.
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(copied.format(cells, query).as_string(cursor.connection), file)

    return file_response(write, content_type="text/csv; charset=utf-8", file_name=file_name)


def select_of(queryset: QuerySet, columns: Sequence[str]) -> sql.Composable:
    """The rows of `queryset` with these columns, in its order, as a SELECT that takes no parameters."""
    compiler = queryset.values(*columns).query.get_compiler(queryset.db, elide_empty=False)
    with connection.cursor() as cursor:
        return sql.SQL(cursor.mogrify(*compiler.as_sql()).decode())


def _cell(name: str, cells: Cells) -> sql.Composable:
    column = sql.Identifier(name)
    shown = sql.SQL(cells.value).format(column, sql.Literal(RUN_BY_SPREADSHEETS_SQL))
    return sql.SQL("{} AS {}").format(shown, column)
