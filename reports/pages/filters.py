"""The form that stands over charts: a year and departments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reports.pages.asked import Asked
from reports.pages.selectors import departments_to_choose

FILTERS = ("year", "department_id")


@dataclass(frozen=True)
class Filter:
    """`own_year` is the text of the choice of no year, where that can be chosen. `kept` are inputs not shown."""

    years: list[int]
    year: int | None
    own_year: str
    departments: list[tuple[int, str]]
    chosen: frozenset[int]
    kept: list[tuple[str, str]]
    is_set: bool


def filter_over(
    asked: Asked,
    years: list[int],
    *,
    year: int | None,
    own_year: str = "",
    takes: Collection[str] = FILTERS,
) -> Filter:
    """The form for charts that take these parameters; `year` is the one that they show."""
    shows_years = "year" in takes and bool(years)
    departments = departments_to_choose() if "department_id" in takes else []
    inputs = {"year"} if shows_years else set()
    inputs |= {"department_id"} if departments else set()
    return Filter(
        years=(years if year is None or year in years else [year, *years]) if shows_years else [],
        year=year,
        own_year=own_year,
        departments=departments,
        chosen=asked.departments,
        kept=[(name, str(text)) for name, text in asked.query_params.items() if name not in inputs],
        is_set=bool(asked.query_params),
    )
