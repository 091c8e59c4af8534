"""A filter by year reads less, and keeps the same."""

from __future__ import annotations

import random
from typing import Any

import pytest

import reports.odata.reading
from reports.datasets.period import Period
from reports.datasets.registry import get_dataset
from reports.odata.parsing import parse_filter
from reports.odata.periods import period_of
from tests.reports.datasets.rows import store_random_rows
from tests.reports.odata.asking import ask, rows

SETS = {
    "QuarterlyHires": "year",
    "DepartmentsAboveMean": "year",
    "Hires": "year",
    "HiresStatistics": "from_year",
}


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("year eq 2000", 2000, 2000),
        ("2000 eq year", 2000, 2000),
        ("year ge 2000 and year le 2001", 2000, 2001),
        ("year gt 1999 and 2002 gt year and job_id ne 7", 2000, 2001),
        ("(year ge 1990 and year ge 2000) and (year lt 2003 and year le 2001)", 2000, 2001),
        ("year ge 2000", 2000, None),
        ("year lt 2000", None, 1999),
        ("year ge 2001 and year le 2000", 2001, 2000),
        ("year eq 99999999999 or true", None, None),
        ("year lt 99999999999 and year gt -5", None, None),
        ("year ne 2000", None, None),
        ("year in (2000)", None, None),
        ("not (year eq 2000)", None, None),
        ("year eq 2000 or year eq 2001", None, None),
        ("year eq 2000.0", None, None),
        ("year add 1 eq 2001", None, None),
        ("year eq job_id", None, None),
        ("month eq 7", None, None),
    ],
)
def test_the_years_of_a_filter(text: str, first: int | None, last: int | None) -> None:
    period = period_of(get_dataset("hires"), parse_filter(text))

    assert (period.start and period.start.year) == first
    assert (period.end and period.end.year - 1) == last


@pytest.mark.parametrize("name", ["hires-statistics", "employees", "rejections"])
def test_rows_that_are_not_of_one_year_are_all_read(name: str) -> None:
    assert period_of(get_dataset(name), parse_filter("from_year eq 2000 and year eq 2000")) == (
        Period()
    )


def some_filter(chance: random.Random, year: str) -> str:
    def compare() -> str:
        operator = chance.choice(["eq", "ne", "gt", "ge", "lt", "le"])
        number = chance.choice([0, 1, 1900, 1999, 2000, 2001, 2002, 2100, 9998, 9999, 10**12])
        pair = [year, str(number)]
        chance.shuffle(pair)
        text = f"{pair[0]} {operator} {pair[1]}"
        return f"not ({text})" if chance.random() < 0.1 else text

    text = compare()
    for _ in range(chance.randint(0, 3)):
        text = f"({text}) {chance.choice(['and', 'and', 'and', 'or'])} {compare()}"
    return text


@pytest.mark.django_db
@pytest.mark.parametrize("name", SETS)
def test_reading_less_changes_no_answer(
    api: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_random_rows(6)
    chance = random.Random(name)
    filters = [some_filter(chance, SETS[name]) for _ in range(60)]

    with_periods = [rows(api, name, filter=text) for text in filters]
    counts = [int(ask(api, f"{name}/$count", filter=text).content) for text in filters]
    monkeypatch.setattr(reports.odata.reading, "period_of", lambda dataset, node: Period())
    without = [rows(api, name, filter=text) for text in filters]

    assert with_periods == without
    assert counts == [len(found) for found in without]
    assert len({len(found) for found in without}) > 3
