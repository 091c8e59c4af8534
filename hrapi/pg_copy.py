"""Rows into a table of PostgreSQL by COPY."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import Error
from psycopg2 import sql
from pydantic_core import to_json

Row = tuple[Any, ...]

_SPECIAL = re.compile(r"[\\\t\n\r]")
_NULL = r"\N"
_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


_PIECE_CHARACTERS = 1024 * 1024


def copy_into(
    connection: Any, db_table: str, columns: Sequence[str], chunks: Iterable[Sequence[Row]]
) -> None:
    """Stores rows of numbers, texts, aware datetimes, lists of texts and None by one COPY.

    The server stores a chunk while the next one is made. `connection` is Django's. Raises its errors,
    IntegrityError above all, and what making the chunks raises.
    """
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(db_table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    pieces = _Pieces(map(_lines, chunks))
    try:
        # Django translates the errors of execute(), not those of COPY.
        with connection.cursor() as cursor, connection.wrap_database_errors:
            text = statement.as_string(cursor.connection)
            cursor.copy_expert(text, pieces, _PIECE_CHARACTERS)
    except Error:
        # psycopg calls it a failure of the database.
        if pieces.error:
            raise pieces.error from None
        raise


class _Pieces:
    """Texts as the file that psycopg reads."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._text = ""
        self._position = 0
        self.error: BaseException | None = None

    def read(self, size: int) -> str:
        if self._position >= len(self._text):
            try:
                self._text, self._position = next(self._texts, ""), 0
            except BaseException as error:
                self.error = error
                raise
        # It counts bytes, of which a character has four at most.
        piece = self._text[self._position : self._position + size // 4]
        self._position += len(piece)
        return piece

    def readline(self) -> str:
        raise NotImplementedError


def _lines(rows: Sequence[Row]) -> str:
    # Column by column is faster than cell by cell.
    texts = [_texts(column) for column in zip(*rows, strict=True)]
    return "\n".join(map("\t".join, zip(*texts, strict=True))) + "\n"


def _texts(column: Sequence[Any]) -> list[str]:
    """The values of one column, all of one type or None, in the text format of COPY."""
    first = next((value for value in column if value is not None), None)
    if isinstance(first, datetime) and None not in column:
        # str() takes five times as long.
        return to_json(column).decode()[2:-2].split('","')
    if isinstance(first, list):
        column = [None if value is None else _array(value) for value in column]
        first = next((value for value in column if value is not None), None)
    if isinstance(first, str) and _SPECIAL.search("".join(filter(None, column))):
        column = [value and _SPECIAL.sub(_escaped, value) for value in column]
    return [_NULL if value is None else str(value) for value in column]


def _array(texts: Sequence[str]) -> str:
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]
