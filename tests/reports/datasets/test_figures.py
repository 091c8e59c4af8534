"""Every figure of the datasets, computed again in Python from the stored rows."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from jobs.models import Job
from reports.datasets.period import Period
from reports.datasets.reading import rows_of, select
from reports.datasets.registry import get_dataset
from tests.reports.datasets.rows import store_random_rows

pytestmark = pytest.mark.django_db

SEEDS = pytest.mark.parametrize("seed", range(5))
PERIODS = pytest.mark.parametrize(
    "period",
    [
        Period(),
        Period.of_years(2000),
        Period.of_years(2000, 2001),
        Period.of_years(1950),
        Period(date(2000, 3, 31), date(2000, 4, 1)),
        Period(date(2000, 12, 30), date(2001, 1, 3)),
    ],
    ids=str,
)


def read(name: str, period: Period | None = None) -> list[dict[str, Any]]:
    dataset = get_dataset(name)
    names = [column.name for column in dataset.columns]
    rows = list(rows_of(select(dataset, dataset.columns, period)))
    return [dict(zip(names, row, strict=True)) for row in rows]


def hired(period: Period) -> list[tuple[datetime, int, int]]:
    """Moment, department and job of those hired in the period."""
    found = Employee.objects.values_list("datetime", "department_id", "job_id")
    return [
        (moment.astimezone(UTC), department, job)
        for moment, department, job in found
        if (period.start is None or moment.astimezone(UTC).date() >= period.start)
        and (period.end is None or moment.astimezone(UTC).date() < period.end)
    ]


def named(rows: Iterable[tuple[Any, ...]], department: int, job: int | None = None) -> set[Any]:
    """The rows with the names beside the ids, which stand at these places."""
    departments = dict(Department.objects.values_list("id", "department"))
    jobs = dict(Job.objects.values_list("id", "job"))
    return {
        tuple(
            cell
            for place, value in enumerate(row)
            for cell in (
                (value, departments[value])
                if place == department
                else (value, jobs[value])
                if place == job
                else (value,)
            )
        )
        for row in rows
    }


def keys(name: str, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in get_dataset(name).key) for row in rows]


@SEEDS
@PERIODS
def test_quarterly_hires(seed: int, period: Period) -> None:
    store_random_rows(seed)
    counted: dict[tuple[int, int, int], list[int]] = {}
    for moment, department, job in hired(period):
        quarters = counted.setdefault((moment.year, department, job), [0, 0, 0, 0])
        quarters[(moment.month - 1) // 3] += 1

    rows = read("quarterly-hires", period)

    assert {tuple(row.values()) for row in rows} == named(
        ((*key, *quarters) for key, quarters in counted.items()), 1, 2
    )
    assert keys("quarterly-hires", rows) == sorted(counted)


@SEEDS
@PERIODS
def test_departments_above_mean(seed: int, period: Period) -> None:
    store_random_rows(seed)
    counted = Counter((moment.year, department) for moment, department, _ in hired(period))
    means = {
        year: sum(n for (of, _), n in counted.items() if of == year) / Department.objects.count()
        for year, _ in counted
    }
    above = [(year, d, n, means[year]) for (year, d), n in counted.items() if n > means[year]]

    rows = read("departments-above-mean", period)

    assert {tuple(row.values()) for row in rows} == named(above, 1)
    assert keys("departments-above-mean", rows) == [
        row[:2] for row in sorted(above, key=lambda row: (row[0], -row[2], row[1]))
    ]


@SEEDS
@PERIODS
def test_hires(seed: int, period: Period) -> None:
    store_random_rows(seed)
    counted = Counter((m.year, (m.month + 2) // 3, m.month, d, j) for m, d, j in hired(period))

    rows = read("hires", period)

    assert {tuple(row.values()) for row in rows} == named(
        ((*key, n) for key, n in counted.items()), 3, 4
    )
    assert keys("hires", rows) == sorted((y, m, d, j) for y, _, m, d, j in counted)


@pytest.mark.parametrize(
    "period, months",
    [
        (Period.of_years(2000, 2001, zeros=True), 24),
        (Period(date(2000, 3, 31), date(2000, 4, 2), zeros=True), 2),
        (Period(date(2000, 2, 29), date(2000, 3, 1), zeros=True), 1),
    ],
    ids=str,
)
def test_hires_with_zeros(period: Period, months: int) -> None:
    store_random_rows(0)
    counted = Counter((m.year, m.month, d, j) for m, d, j in hired(period))

    rows = read("hires", period)

    assert len(rows) == months * Department.objects.count() * Job.objects.count()
    assert len(set(keys("hires", rows))) == len(rows)
    found = {key: row["hires"] for key, row in zip(keys("hires", rows), rows, strict=True)}
    assert {key: n for key, n in found.items() if n} == counted


@SEEDS
@pytest.mark.parametrize("years", [(None, None), (2000, 2000), (1999, 2002), (1950, 1951)], ids=str)
def test_statistics(seed: int, years: tuple[int | None, int | None]) -> None:
    store_random_rows(seed)
    period = Period.of_years(*years) if years[0] else Period()
    all_hires = hired(Period())
    spans = (
        [(years[0], years[1])]
        if years[0]
        else [
            (y, y)
            for y in range(
                min(m.year for m, _, _ in all_hires), max(m.year for m, _, _ in all_hires) + 1
            )
        ]
    )
    expected = {}
    for first, last in spans:
        of_span = [hire for hire in all_hires if first <= hire[0].year <= last]
        groups: dict[str, tuple[list[Any], Callable[[Any], Any]]] = {
            "department": ([*Department.objects.values_list("id", flat=True)], lambda h: h[1]),
            "job": ([*Job.objects.values_list("id", flat=True)], lambda h: h[2]),
            "month": (
                [(y, m) for y in range(first, last + 1) for m in range(1, 13)],
                lambda h: (h[0].year, h[0].month),
            ),
        }
        for by, (things, of) in groups.items():
            counted = Counter(map(of, of_span))
            numbers = sorted(counted[thing] for thing in things)
            expected[first, last, by] = {
                "count": len(numbers),
                "hires": sum(numbers),
                "mean": statistics.mean(numbers),
                "median": statistics.median(numbers),
                "mode": min(statistics.multimode(numbers)),
                "minimum": numbers[0],
                "maximum": numbers[-1],
                "standard_deviation": statistics.pstdev(numbers),
            }

    rows = read("hires-statistics", period)

    assert keys("hires-statistics", rows) == sorted(expected)
    for row in rows:
        figures = expected[row.pop("from_year"), row.pop("to_year"), row.pop("by")]
        assert row.keys() == figures.keys()
        for name, figure in figures.items():
            assert math.isclose(row[name], figure, rel_tol=1e-12, abs_tol=1e-12), (name, row)


def test_statistics_of_nothing() -> None:
    assert read("hires-statistics") == []
    assert [row["by"] for row in read("hires-statistics", Period.of_years(2021))] == ["month"]


@SEEDS
def test_rejections(seed: int) -> None:
    store_random_rows(seed)
    rejected: Counter[tuple[Any, ...]] = Counter()
    opened: Counter[tuple[Any, ...]] = Counter()
    for entry in RejectedRow.objects.all():
        for code in entry.codes:
            key = (entry.created_at.astimezone(UTC).date(), entry.table, code)
            rejected[key] += 1
            opened[key] += entry.status == "open"

    rows = read("rejections")

    assert [tuple(row.values()) for row in rows] == [
        (*key, rejected[key], opened[key]) for key in sorted(rejected)
    ]


def test_rejected_rows() -> None:
    store_random_rows(0)

    rows = read("rejected-rows")

    assert [tuple(row.values()) for row in rows] == [
        (
            e.pk,
            e.batch_id,
            e.table,
            e.index,
            e.line,
            e.row_id,
            " ".join(e.codes),
            e.status,
            e.created_at,
        )
        for e in RejectedRow.objects.order_by("id")
    ]


@pytest.mark.parametrize("name, model", [("departments", Department), ("jobs", Job)])
def test_tables(name: str, model: Any) -> None:
    store_random_rows(0)

    assert [tuple(row.values()) for row in read(name)] == [
        *model.objects.order_by("id").values_list("id", name.removesuffix("s"))
    ]


def test_employees_with_the_names_beside_the_ids() -> None:
    store_random_rows(0)

    assert [tuple(row.values()) for row in read("employees")] == [
        *Employee.objects.order_by("id").values_list(
            "id",
            "name",
            "datetime",
            "department_id",
            "department__department",
            "job_id",
            "job__job",
        )
    ]
