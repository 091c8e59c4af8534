"""Whether the datasets that were collected agree with each other: each says in its own way what the others say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hrapi.client.analysis.collected import Collected
from hrapi.client.analysis.figures import Figures


@dataclass(frozen=True)
class Check:
    """`what` was compared, and what was found; in plain text."""

    what: str
    agrees: bool
    found: str


def checks(collected: Collected, figures: Figures) -> list[Check]:
    return list(_checks(collected, figures))


def _checks(collected: Collected, figures: Figures) -> Iterator[Check]:
    quarters = tuple(
        sum(row[f"q{number}"] for row in collected.quarterly) for number in range(1, 5)
    )
    yield Check(
        "Hires by month and by quarter add up to the same",
        quarters == figures.quarters,
        f"{_numbers(figures.quarters)} from hires, {_numbers(quarters)} from quarterly-hires",
    )
    yield _same_pairs(collected)
    totals = sorted({row["hires"] for row in collected.of_year})
    yield Check(
        "The total is that of the statistics",
        totals == [figures.total],
        f"{figures.total:,} from hires, {_numbers(totals)} from hires-statistics",
    )
    read = {year: sum(months) for year, months in figures.months_of.items()}
    told = {year: hires for year, hires in figures.years.items() if year in read}
    yield Check(
        "So are the totals of the years before that were read by month",
        read == told,
        f"{sum(read.values()):,} in {len(read):,} from hires, {sum(told.values()):,} in {len(told):,} from"
        " hires-statistics",
    )
    yield _same_counts(collected, figures)
    yield _same_above_mean(collected, figures)
    if collected.rejections is not None:
        yield _same_rejections(collected, figures)


def _numbers(values: tuple[int, ...] | list[int]) -> str:
    return " + ".join(f"{value:,}" for value in values) or "none"


def _same_pairs(collected: Collected) -> Check:
    by_month: Counter[tuple[int, int]] = Counter()
    for row in collected.hires:
        if row["year"] == collected.year:
            by_month[row["department_id"], row["job_id"]] += row["hires"]
    by_quarter = Counter(
        {
            (row["department_id"], row["job_id"]): sum(row[f"q{number}"] for number in range(1, 5))
            for row in collected.quarterly
        }
    )
    return Check(
        "Each department and job has the same hires in both",
        by_month == by_quarter,
        f"{len(by_month):,} pairs from hires, {len(by_quarter):,} from quarterly-hires",
    )


def _same_counts(collected: Collected, figures: Figures) -> Check:
    stored = (len(figures.departments), len(figures.jobs))
    by = {row["by"]: row["count"] for row in collected.of_year}
    told = (by.get("department", 0), by.get("job", 0))
    return Check(
        "There are as many departments and jobs as the statistics count",
        stored == told,
        f"{stored[0]:,} and {stored[1]:,} from departments and jobs, {told[0]:,} and {told[1]:,} from"
        " hires-statistics",
    )


def _same_above_mean(collected: Collected, figures: Figures) -> Check:
    ours = {each.id: each.hires for each in figures.above_mean}
    theirs = {row["department_id"]: row["hired"] for row in collected.above_mean}
    mean = figures.total / len(figures.departments) if figures.departments else 0.0
    same_mean = all(math.isclose(row["mean"], mean, rel_tol=1e-9) for row in collected.above_mean)
    return Check(
        "The same departments are above the same mean",
        ours == theirs and same_mean,
        f"{len(ours):,} counted here, {len(theirs):,} from departments-above-mean",
    )


def _same_rejections(collected: Collected, figures: Figures) -> Check:
    codes, rows = figures.left_out.codes or {}, figures.left_out.rows
    most, together = max(codes.values(), default=0), sum(codes.values())
    return Check(
        "The reject log has as many open rows as the other answers say are missing",
        most <= rows <= together,
        f"{rows:,} beside the hires; {together:,} faults of open rows in rejections",
    )
