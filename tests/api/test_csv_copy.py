"""CSV that PostgreSQL writes is the CSV that we write."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError
from psycopg2 import sql

from hrapi.api.csv_copy import Cells, copy_response
from hrapi.api.csv_stream import format_moment
from hrapi.csv_cells import neutralise

pytestmark = pytest.mark.django_db

# Every character that anything is special for, all that are spaces, and some of each script.
CHARACTERS = [
    *map(chr, range(1, 0x300)),
    *(c for c in map(chr, range(0x300, 0x3100)) if c.isspace()),
    *"\u200b\u2060\ufeff\uff1d\uff0b\uff0d\uff20Ж中😀٣²",
]


def written(values: list[Any], cells: Cells, type_: str) -> list[str]:
    rows = sql.SQL("SELECT * FROM unnest({}::{}[]) WITH ORDINALITY AS t (cell, place)").format(
        sql.Literal(values), sql.SQL(type_)
    )
    query = sql.SQL("SELECT cell FROM ({}) AS rows ORDER BY place").format(rows)
    response = copy_response(query, [("cell", cells)], file_name="x.csv")
    body = b"".join(response)
    assert response["Content-Length"] == str(len(body))
    header, *read = csv.reader(io.StringIO(body.decode(), newline=""))
    assert header == ["cell"]
    return [row[0] if row else "" for row in read]


def test_texts() -> None:
    texts = [
        "".join(text)
        for text in (*product(CHARACTERS), *product("'= \t", "' =\u3000\r\n", CHARACTERS))
    ]
    assert written(texts, Cells.TEXT, "text") == [neutralise(text) for text in texts]


def test_moments() -> None:
    moments = [
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2021, 11, 7, 2, 48, 42, tzinfo=UTC),
        datetime(2021, 11, 7, 2, 48, 42, 500_000, tzinfo=UTC),
        datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2000, 2, 29, 23, 59, 59, 1, tzinfo=UTC),
    ]
    assert written(moments, Cells.DATETIME, "timestamptz") == [format_moment(m) for m in moments]


def test_null_and_numbers() -> None:
    assert written([None, 7, 2**53 - 1], Cells.PLAIN, "bigint") == ["", "7", "9007199254740991"]
    assert written([None, ""], Cells.TEXT, "text") == ["", ""]
    assert written([None], Cells.DATETIME, "timestamptz") == [""]


def test_what_fails_is_raised_before_anything_is_answered() -> None:
    with pytest.raises(DatabaseError):
        copy_response(sql.SQL("SELECT 1/0 AS cell"), [("cell", Cells.PLAIN)], file_name="x.csv")
