"""The order of an answer, and its pages: each begins after the last row of the one before."""

from __future__ import annotations

import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2 import sql
from pydantic_core import to_json

from hrapi.api.problems import ProblemError
from hrapi.ingestion.fields import MAX_TEXT_LENGTH
from reports.datasets.definition import Column, Dataset, Type
from reports.odata.errors import invalid
from reports.odata.tokens import MAX_INTEGER, MIN_INTEGER, refuse_what_is_no_text

MAX_PAGE_ROWS = 10_000

_READERS: dict[Type, tuple[type, Any]] = {
    Type.INTEGER: (int, int),
    Type.NUMBER: (float, float),
    Type.TEXT: (str, str),
    Type.DATETIME: (str, datetime.fromisoformat),
    Type.DATE: (str, date.fromisoformat),
}
_MOST_BYTES = {
    Type.INTEGER: len(str(MIN_INTEGER)),
    Type.NUMBER: 25,
    Type.TEXT: 4 * MAX_TEXT_LENGTH + 2,
    Type.DATETIME: len('"2021-07-27T16:02:08.123456Z"'),
    Type.DATE: len('"2021-07-27"'),
}
"""Of a value as JSON. Texts hold no characters that JSON writes in more than four bytes."""


@dataclass(frozen=True)
class Order:
    """By one column. Null comes before everything else, as OData has it, and so last when descending."""

    column: Column
    is_descending: bool = False

    @property
    def expression(self) -> sql.Composable:
        name: sql.Composable = sql.Identifier(self.column.name)
        if self.column.type is Type.TEXT:
            name = sql.SQL('{} COLLATE "C"').format(name)
        return name

    @property
    def clause(self) -> sql.Composable:
        direction = "DESC" if self.is_descending else "ASC"
        if self.column.is_nullable:
            direction += " NULLS LAST" if self.is_descending else " NULLS FIRST"
        return sql.SQL("{} {}").format(self.expression, sql.SQL(direction))

    def same(self, value: Any) -> sql.Composable:
        if value is None:
            return sql.SQL("{} IS NULL").format(self.expression)
        return sql.SQL("{} = {}").format(self.expression, _literal(self.column, value))

    def later(self, value: Any) -> sql.Composable:
        """Whether a row comes after those that have this value."""
        if value is None:
            if self.is_descending:
                return sql.SQL("FALSE")
            return sql.SQL("{} IS NOT NULL").format(self.expression)
        if not self.is_descending:
            return sql.SQL("{} > {}").format(self.expression, _literal(self.column, value))
        less = sql.SQL("{} < {}").format(self.expression, _literal(self.column, value))
        if self.column.is_nullable:
            return sql.SQL("({} OR {} IS NULL)").format(less, self.expression)
        return less


def whole_order(dataset: Dataset, asked: Sequence[Order]) -> tuple[Order, ...]:
    """What is asked for, and then the key, so that no two rows tie."""
    columns = {column.name: column for column in dataset.columns}
    names = {order.column.name for order in asked}
    return (*asked, *(Order(columns[name]) for name in dataset.key if name not in names))


def after(order: Sequence[Order], values: Sequence[Any]) -> sql.Composable:
    """What is true of the rows that come after the one with these values."""
    pairs = list(zip(order, values, strict=True))
    return sql.SQL("({})").format(
        sql.SQL(" OR ").join(
            sql.SQL("({})").format(
                sql.SQL(" AND ").join(
                    [*(each.same(value) for each, value in pairs[:place]), last.later(of_last)]
                )
            )
            for place, (last, of_last) in enumerate(pairs)
        )
    )


def skip_token(values: Sequence[Any]) -> str:
    """The values of the order's columns in the last row of a page, for no eyes but ours."""
    return urlsafe_b64encode(to_json(list(values))).decode().rstrip("=")


def longest_token(order: Sequence[Order]) -> int:
    """How many bytes the token of a row of this order may have."""
    values = sum(_MOST_BYTES[each.column.type] + len(",") for each in order)
    return 4 * math.ceil((values + len("[]")) / 3)


def read_skip_token(token: str, order: Sequence[Order]) -> list[Any]:
    """The values. Raises ProblemError for a token that was not given for this order."""
    try:
        values = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(values, list) or len(values) != len(order):
            raise ValueError(token)
        return [_value(each.column, value) for each, value in zip(order, values, strict=True)]
    except (ValueError, OverflowError, RecursionError, ProblemError):
        raise invalid(
            "$skiptoken: follow the addresses in @odata.nextLink; this one is not from there."
        ) from None


def _value(column: Column, value: Any) -> Any:
    if value is None and column.is_nullable:
        return None
    if column.type is Type.NUMBER and type(value) is int:
        value = float(value)
    kind, read = _READERS[column.type]
    if type(value) is not kind:
        raise ValueError(value)
    if isinstance(value, int) and not MIN_INTEGER <= value <= MAX_INTEGER:
        raise OverflowError
    if isinstance(value, str):
        refuse_what_is_no_text(value, "$skiptoken")
    return read(value)


def _literal(column: Column, value: Any) -> sql.Composable:
    if column.type is Type.NUMBER:
        return sql.SQL("{}::float8").format(sql.Literal(value))
    if column.type in (Type.DATETIME, Type.DATE):
        of_type = "timestamptz" if column.type is Type.DATETIME else "date"
        return sql.SQL("{}::{}").format(sql.Literal(value.isoformat()), sql.SQL(of_type))
    return sql.Literal(value)
