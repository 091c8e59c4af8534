"""The reports on hires: one function each, one query each. Years and quarters are those of UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection


class QuarterlyHires(NamedTuple):
    """Employees hired in each quarter of a year for one department and job."""

    department: str
    job: str
    q1: int
    q2: int
    q3: int
    q4: int


class DepartmentAboveMean(NamedTuple):
    """A department that hired more in a year than the mean over all departments."""

    id: int
    department: str
    hired: int


_QUARTERLY = """
    WITH hires AS (
        SELECT department_id, job_id,
               count(*) FILTER (WHERE datetime < %(q2)s) AS q1,
               count(*) FILTER (WHERE datetime >= %(q2)s AND datetime < %(q3)s) AS q2,
               count(*) FILTER (WHERE datetime >= %(q3)s AND datetime < %(q4)s) AS q3,
               count(*) FILTER (WHERE datetime >= %(q4)s) AS q4
        FROM employees
        WHERE datetime >= %(start)s AND datetime < %(end)s
        GROUP BY department_id, job_id
    )
    SELECT departments.department, jobs.job, q1, q2, q3, q4, departments.id, jobs.id
    FROM hires
    JOIN departments ON departments.id = department_id
    JOIN jobs ON jobs.id = job_id
"""

_ABOVE_MEAN = """
    WITH hires AS (
        SELECT department_id, count(*) AS hired
        FROM employees
        WHERE datetime >= %(start)s AND datetime < %(end)s
        GROUP BY department_id
    )
    SELECT id, department, hired
    FROM hires JOIN departments ON id = department_id
    WHERE hired * (SELECT count(*) FROM departments) > (SELECT sum(hired) FROM hires)
    ORDER BY hired DESC, id
"""


def quarterly_hires(year: int) -> list[QuarterlyHires]:
    """Hires per quarter for each department and job with at least one hire in `year`.

    Ordered by department, then job, without regard to case; where those are equal, by their ids. The
    order is made here, because what a server calls alphabetical depends on its locale.
    """
    bounds = {
        "start": datetime(year, 1, 1, tzinfo=UTC),
        "q2": datetime(year, 4, 1, tzinfo=UTC),
        "q3": datetime(year, 7, 1, tzinfo=UTC),
        "q4": datetime(year, 10, 1, tzinfo=UTC),
        "end": datetime(year + 1, 1, 1, tzinfo=UTC),
    }
    rows = _fetch(_QUARTERLY, bounds)
    folded = {name: name.casefold() for row in rows for name in row[:2]}
    rows.sort(key=lambda row: (folded[row[0]], folded[row[1]], row[6], row[7]))
    return [QuarterlyHires(*row[:6]) for row in rows]


def departments_above_mean(year: int) -> list[DepartmentAboveMean]:
    """The departments that hired more in `year` than the mean over all departments, most hires first.

    Departments without a hire count as 0 in the mean. Equal numbers are ordered by id.
    """
    bounds = {
        "start": datetime(year, 1, 1, tzinfo=UTC),
        "end": datetime(year + 1, 1, 1, tzinfo=UTC),
    }
    return [DepartmentAboveMean(*row) for row in _fetch(_ABOVE_MEAN, bounds)]


def _fetch(query: str, bounds: dict[str, datetime]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, bounds)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
