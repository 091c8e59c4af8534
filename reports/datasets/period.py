"""The days that a question is about, and what stands for them in the queries of datasets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from psycopg2 import sql

_DAY = timedelta(days=1)
_LOCAL = "datetime AT TIME ZONE 'UTC'"
_COUNTED = sql.SQL("""
    counted AS (
        SELECT date_trunc('month', datetime AT TIME ZONE 'UTC')::date AS month, department_id, job_id,
               count(*) AS hires
        FROM employees WHERE {hired}
        GROUP BY 1, 2, 3
    )""")


@dataclass(frozen=True)
class Period:
    """The days from `start` to the one before `end`, in UTC. Without them all there are.

    One of the two alone leaves the other end open. Where years or months without a hire count, an open start is
    the first year with a hire, an open end the last one or `this_year`, whichever is later. With `zeros` they are
    rows too; then at least one day is given.
    """

    start: date | None = None
    end: date | None = None
    zeros: bool = False
    this_year: int | None = None

    @classmethod
    def of_years(cls, first: int, last: int | None = None, *, zeros: bool = False) -> Period:
        return cls(date(first, 1, 1), date((last or first) + 1, 1, 1), zeros)

    @classmethod
    def from_year(cls, first: int, *, this_year: int, zeros: bool = False) -> Period:
        return cls(date(first, 1, 1), None, zeros, this_year)

    @classmethod
    def to_year(cls, last: int, *, zeros: bool = False) -> Period:
        return cls(None, date(last + 1, 1, 1), zeros)

    @property
    def year(self) -> int | None:
        """The year, where all days are of one."""
        if self.start and self.end and self.start.year == (self.end - _DAY).year:
            return self.start.year
        return None

    def expressions(self) -> dict[str, sql.Composable]:
        """What the names in braces of a query stand for.

        - `{hired}`: whether an employee was hired in the period; `{year}`: the year of that hire; `{q1}` to
          `{q4}`: whether it was in that quarter. Plain moments are compared where all days are of one year,
          which takes half the time.
        - `{counted}`: a common table, the hires of each month by department and job: few rows, whatever the
          number of employees.
        - `{years}`: rows `from_year, to_year`: the period as one when it is given, else each year from the first
          to the last with a hire.
        - `{cells}`: the months, departments and jobs that are rows of `hires`.
        """
        year = self.year
        quarters = {
            f"q{quarter}": _quarter(year, quarter) if year else _any_quarter(quarter)
            for quarter in range(1, 5)
        }
        return quarters | {
            "hired": self._hired(),
            "counted": _COUNTED.format(hired=self._hired()),
            "year": sql.Literal(year) if year else sql.SQL(f"extract(year FROM {_LOCAL})::int"),
            "years": self._years(),
            "cells": self._cells(),
        }

    def _hired(self) -> sql.Composable:
        bounds = [
            sql.SQL("datetime {} {}").format(sql.SQL(comparison), _moment(day))
            for comparison, day in ((">=", self.start), ("<", self.end))
            if day
        ]
        return sql.SQL(" AND ").join(bounds) if bounds else sql.SQL("TRUE")

    def _years(self) -> sql.Composable:
        if self.start or self.end:
            return sql.SQL("SELECT {} AS from_year, {} AS to_year").format(
                self._first_year(), self._last_year()
            )
        return sql.SQL(
            "SELECT each AS from_year, each AS to_year FROM generate_series("
            "(SELECT extract(year FROM min(month))::int FROM counted),"
            " (SELECT extract(year FROM max(month))::int FROM counted)) AS each"
        )

    def _cells(self) -> sql.Composable:
        if not self.zeros:
            return sql.SQL("counted")
        return sql.SQL(
            """(
        SELECT months.month::date AS month, departments.id AS department_id, jobs.id AS job_id,
               coalesce(hires, 0) AS hires
        FROM {months} AS months (month)
        CROSS JOIN departments CROSS JOIN jobs
        LEFT JOIN counted ON counted.month = months.month AND department_id = departments.id AND job_id = jobs.id
    )"""
        ).format(months=self.months())

    def months(self) -> sql.Composable:
        """What gives the first day of each month of the period, those without a hire too."""
        year = sql.SQL("make_timestamp({}, {}, 1, 0, 0, 0)")
        first = (
            sql.SQL("{}::timestamp").format(sql.Literal(self.start.replace(day=1).isoformat()))
            if self.start
            else year.format(self._first_year(), sql.Literal(1))
        )
        last = (
            sql.SQL("{}::timestamp").format(sql.Literal((self.end - _DAY).isoformat()))
            if self.end
            else year.format(self._last_year(), sql.Literal(12))
        )
        return sql.SQL("generate_series({}, {}, interval '1 month')").format(first, last)

    def _first_year(self) -> sql.Composable:
        if self.start:
            return sql.Literal(self.start.year)
        # Of nulls, which are the years of no hires, least() takes no notice.
        return sql.SQL("least({}, {})").format(_hire_year("min"), self._last_year())

    def _last_year(self) -> sql.Composable:
        if self.end:
            return sql.Literal((self.end - _DAY).year)
        return sql.SQL("greatest({}, {}, {})").format(
            _hire_year("max"),
            sql.Literal(self.this_year),
            sql.Literal(self.start and self.start.year),
        )


def _hire_year(which: str) -> sql.Composable:
    """Of the earliest or the latest hire, whatever the period."""
    return sql.SQL(
        "(SELECT extract(year FROM {}(datetime) AT TIME ZONE 'UTC')::int FROM employees)"
    ).format(sql.SQL(which))


def _quarter(year: int, quarter: int) -> sql.Composable:
    """Of a hire in this year."""
    month = 3 * quarter - 2
    return sql.SQL("datetime >= {} AND datetime < {}").format(
        _moment(date(year, month, 1)),
        _moment(date(year + (month == 10), (month + 3) % 12, 1)),
    )


def _any_quarter(quarter: int) -> sql.Composable:
    return sql.SQL("extract(quarter FROM {}) = {}").format(sql.SQL(_LOCAL), sql.Literal(quarter))


def _moment(day: date) -> sql.Composable:
    return sql.SQL("{}::timestamptz").format(
        sql.Literal(datetime.combine(day, time(), UTC).isoformat())
    )
