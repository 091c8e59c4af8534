"""The statements that answer OData requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DataError, transaction
from psycopg2 import sql

from reports.datasets.definition import Column, Dataset
from reports.datasets.reading import fetch, query_of
from reports.odata.errors import invalid
from reports.odata.filters import condition
from reports.odata.paging import Order, after
from reports.odata.periods import period_of
from reports.odata.syntax import Node


@dataclass(frozen=True)
class Rows:
    """The rows of a dataset that a filter keeps, of columns that the user may see.

    Its methods raise ProblemError for a filter that means nothing, or that cannot be computed for some row.
    """

    dataset: Dataset
    columns: Mapping[str, Column]
    filter: Node | None = None

    def count(self) -> int:
        [[number]] = self._fetch(sql.SQL("SELECT count(*) FROM {}").format(self._kept()))
        return int(number)

    def page(
        self,
        names: Sequence[str],
        order: Sequence[Order],
        *,
        limit: int,
        offset: int = 0,
        last: Sequence[Any] | None = None,
    ) -> list[Sequence[Any]]:
        """The columns of these names, of `limit` rows after the one with the values `last`."""
        later = () if last is None else (after(order, last),)
        return self._fetch(
            sql.SQL("SELECT {} FROM {} ORDER BY {} LIMIT {} OFFSET {}").format(
                sql.SQL(", ").join(map(sql.Identifier, names)),
                self._kept(*later),
                sql.SQL(", ").join(each.clause for each in order),
                sql.Literal(limit),
                sql.Literal(offset),
            )
        )

    def _kept(self, *conditions: sql.Composable) -> sql.Composable:
        if self.filter is not None:
            conditions = (condition(self.filter, self.columns), *conditions)
        return sql.SQL("({}) AS rows WHERE {}").format(
            query_of(self.dataset, period_of(self.dataset, self.filter)),
            sql.SQL(" AND ").join([*conditions, sql.SQL("TRUE")]),
        )

    def _fetch(self, query: sql.Composable) -> list[Sequence[Any]]:
        try:
            with transaction.atomic():
                return fetch(query)
        except DataError as error:
            if self.filter is None:
                raise
            raise invalid(
                "$filter: it cannot be computed for every row: a number is divided by 0, or out of range."
            ) from error
