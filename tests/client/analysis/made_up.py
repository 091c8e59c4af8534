"""Hires that are made up, and what a service that has stored them answers; counted here one employee at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from hrapi.client.analysis.collected import YEARS_BEFORE, Collected

NOW = datetime(2026, 11, 26, 19, 5, tzinfo=UTC)
Hire = tuple[int, int, int, int]
"""Year, month, id of the department, id of the job."""

NASTY = (
    "<script>alert(1)</script>", "Research & Development", "x" * 255, "قسم المبيعات", "מחלקה", "👩‍👩‍👧‍👦 family",
    "{{ 7*7 }}", "None", "nan", "'; DROP TABLE", "a b" * 60, '" onload="x', "%s %d", "Sales", "sales",
)  # fmt: skip


def collected(
    hires: Sequence[Hire],
    *,
    year: int = 2025,
    departments: Mapping[int, str] | None = None,
    jobs: Mapping[int, str] | None = None,
    now: datetime = NOW,
    open_codes: Mapping[str, int] | None = None,
    may_read_log: bool = True,
    **changes: Any,
) -> Collected:
    """The answers about `year`. Each open rejected row has one code."""
    named = departments if departments is not None else {each[2]: f"D{each[2]}" for each in hires}
    named_jobs = jobs if jobs is not None else {each[3]: f"J{each[3]}" for each in hires}
    codes = dict(open_codes or {})
    of_year = [each for each in hires if each[0] == year]
    total, by_department = len(of_year), Counter(each[2] for each in of_year)
    cells = Counter(each for each in hires if year - YEARS_BEFORE <= each[0] <= year)
    pairs = {(department, job) for _, _, department, job in of_year}
    by_year = Counter(each[0] for each in hires)
    answers: dict[str, Any] = {
        "address": "http://127.0.0.1:8000/",
        "at": now,
        "year": year,
        "departments": tuple({"id": i, "department": name} for i, name in sorted(named.items())),
        "jobs": tuple({"id": i, "job": name} for i, name in sorted(named_jobs.items())),
        "hires": tuple(
            {
                "year": y,
                "quarter": (m + 2) // 3,
                "month": m,
                "department_id": d,
                "department": named[d],
                "job_id": j,
                "job": named_jobs[j],
                "hires": count,
            }
            for (y, m, d, j), count in sorted(cells.items())
        ),
        "quarterly": tuple(
            {
                "year": year,
                "department_id": d,
                "department": named[d],
                "job_id": j,
                "job": named_jobs[j],
            }
            | {
                f"q{q}": sum(
                    1 for each in of_year if each[2:] == (d, j) and (each[1] + 2) // 3 == q
                )
                for q in range(1, 5)
            }
            for d, j in sorted(pairs)
        ),
        "above_mean": tuple(
            {"year": year, "department_id": d, "hired": n, "mean": total / len(named)}
            for d, n in by_department.items()
            if n * len(named) > total
        ),
        "statistics": tuple(
            {"from_year": y, "to_year": y, "by": "month", "count": 12, "hires": by_year[y]}
            for y in range(min(by_year, default=0), max(by_year, default=-1) + 1)
        ),
        "of_year": tuple(
            {"from_year": year, "to_year": year, "by": by, "count": count, "hires": total}
            for by, count in (("department", len(named)), ("job", len(named_jobs)), ("month", 12))
            if count
        ),
        "rejections": tuple(
            {"date": "2026-11-01", "table": "employees", "code": code, "rejected": n, "open": n}
            for code, n in codes.items()
        )
        if may_read_log
        else None,
        "open_rows": {"employees": sum(codes.values()), "departments": 0, "jobs": 0},
    }
    return Collected(**answers | changes)


@st.composite
def histories(draw: st.DrawFn) -> Collected:
    """Anything that a service could answer: of no hire up to a few hundred, in one year or in several."""
    ids = st.integers(1, 9)
    names = st.sampled_from(NASTY) | st.text(
        st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30
    )
    departments = draw(st.dictionaries(ids, names, min_size=1, max_size=6))
    jobs = draw(st.dictionaries(ids, names, min_size=1, max_size=6))
    hire = st.tuples(
        st.integers(2019, 2027), st.integers(1, 12), st.sampled_from(sorted(departments)),
        st.sampled_from(sorted(jobs)),
    )  # fmt: skip
    some = draw(st.lists(hire, max_size=40))
    # The same again and again, as few numbers are large when each hire is drawn.
    hires = [each for each in some for _ in range(draw(st.sampled_from([1, 1, 2, 30])))]
    codes = st.sampled_from(["required", "unknown_job", "already_exists", "a_new_code"])
    return collected(
        hires,
        year=draw(st.integers(2019, 2027)),
        departments=departments,
        jobs=jobs,
        now=draw(st.datetimes(datetime(2019, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))),  # noqa: DTZ001
        open_codes=draw(st.dictionaries(codes, st.integers(1, 90), max_size=3)),
        may_read_log=draw(st.booleans()),
    )  # fmt: skip


def many(count: int, year: int, month: int, department: int = 1, job: int = 1) -> list[Hire]:
    return [(year, month, department, job)] * count


def evenly(each_month: int, *years: int, department: int = 1) -> list[Hire]:
    """So many hires in each month of these years."""
    return [
        hire
        for year in years
        for month in range(1, 13)
        for hire in many(each_month, year, month, department)
    ]
