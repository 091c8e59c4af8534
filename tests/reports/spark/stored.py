"""Random rows in the database, and what the service answers about them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from departments.models import Department
from employees.models import Employee
from jobs.models import Job
from reports.datasets.hires import DEPARTMENTS_ABOVE_MEAN, HIRES
from reports.datasets.period import Period
from reports.datasets.reading import all_rows
from reports.hires import departments_above_mean, quarterly_hires

_NAMES = [
    *("sales", "Sales", "SALES", "Straße", "STRASSE", "strasse", "Straßf", "Émile", "émile", "Emile", "Ärzte"),
    *("ärzte", "Zoo", "ΣΊΣΥΦΟΣ", "σίσυφος", "σίσυφοσ", "İzmir", "izmir", "Izmir", "ızmir", "ﬁn", "FIN", "𐐀", "𐐨"),
    *("商业", "🙂", "=1+1", "'x", 'a "b", c', "a\nb", "a\tb", "9", "10", "-", "_", "ŉ", "ᾳ", "ΑΙ", "ß" * 255),
]  # fmt: skip
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
"""The earliest hire that can be stored."""
_YEARS = [1900, 1901, 1969, 1970, 2000, 2021, 2022, 2100]


def store(seed: int, *, employees: int) -> None:
    """Rows of this seed. Names are equal, or differ in case only; some departments and jobs have no hire."""
    chance = random.Random(seed)
    departments, jobs = chance.randint(2, 30), chance.randint(2, 12)
    Department.objects.bulk_create(
        Department(id=id_, department=chance.choice(_NAMES))
        for id_ in chance.sample(range(1, 2**53), departments)
    )
    Job.objects.bulk_create(
        Job(id=id_, job=chance.choice(_NAMES)) for id_ in chance.sample(range(1, 999), jobs)
    )
    hiring = chance.sample(list(Department.objects.all()), max(1, departments * 2 // 3))
    years = chance.sample(_YEARS, chance.randint(1, 4))
    Employee.objects.bulk_create(
        Employee(
            id=number,
            name="A",
            datetime=_moment(chance, years),
            department=chance.choice(hiring),
            job=chance.choice(Job.objects.all()),
        )
        for number in range(1, employees + 1)
    )


def _moment(chance: random.Random, years: list[int]) -> datetime:
    """Half of them within a microsecond of where a quarter begins."""
    year = chance.choice(years)
    if chance.random() < 0.5:
        border = datetime(year, chance.choice((1, 4, 7, 10)), 1, tzinfo=UTC)
        return max(border + timedelta(microseconds=chance.choice((-1, 0, 1))), _FIRST)
    return datetime(year, 1, 1, tzinfo=UTC) + timedelta(
        days=chance.randrange(365), microseconds=chance.randrange(86_400 * 10**6)
    )


def answers() -> dict[str, list[tuple[Any, ...]]]:
    """The service's rows of each report: of all years, each begins with its year."""
    days = sorted({moment.date() for moment in Employee.objects.values_list("datetime", flat=True)})
    years = sorted({day.year for day in days})
    return {
        "quarterly-hires": [(year, *row) for year in years for row in quarterly_hires(year)],
        "departments-above-mean": [(year, *row) for year in years for row in _above_mean(year)],
        "hires-by-day": [row for day in days for row in _hires_of(day)],
    }


def _above_mean(year: int) -> Iterator[tuple[Any, ...]]:
    """With the mean, which the dataset has."""
    means = {row[1]: row[4] for row in all_rows(DEPARTMENTS_ABOVE_MEAN, Period.of_years(year))}
    for row in departments_above_mean(year):
        yield (*row, means[row.id])


def _hires_of(day: date) -> list[tuple[Any, ...]]:
    rows = all_rows(HIRES, Period(day, day + timedelta(days=1)))
    rows.sort(key=lambda row: (row[3], row[5]))
    return [(row[0], day, *row[3:]) for row in rows]
