"""The two reports of a year, in the form that their endpoints promise."""

from __future__ import annotations

from typing import NamedTuple

from reports.datasets.hires import DEPARTMENTS_ABOVE_MEAN, QUARTERLY_HIRES
from reports.datasets.period import Period
from reports.datasets.reading import all_rows


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


def quarterly_hires(year: int) -> list[QuarterlyHires]:
    """Hires per quarter for each department and job with at least one hire in `year`.

    Ordered by department, then job, without regard to case; where those are equal, by their ids. The
    order is made here, because what a server calls alphabetical depends on its locale.
    """
    rows = all_rows(QUARTERLY_HIRES, Period.of_years(year))
    folded = {name: name.casefold() for row in rows for name in (row[2], row[4])}
    rows.sort(key=lambda row: (folded[row[2]], folded[row[4]], row[1], row[3]))
    return [QuarterlyHires(row[2], *row[4:]) for row in rows]


def departments_above_mean(year: int) -> list[DepartmentAboveMean]:
    """The departments that hired more in `year` than the mean over all departments, most hires first.

    Departments without a hire count as 0 in the mean. Equal numbers are ordered by id.
    """
    rows = all_rows(DEPARTMENTS_ABOVE_MEAN, Period.of_years(year))
    rows.sort(key=lambda row: (-row[3], row[1]))
    return [DepartmentAboveMean(*row[1:4]) for row in rows]
