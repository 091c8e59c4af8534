"""When numbers of hires are called different."""

from __future__ import annotations

import calendar
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrapi.client.analysis.comparing import Change, outstanding_months, returning_months

COUNTS = st.integers(0, 10_000)
MONTHS = st.lists(st.integers(0, 400), min_size=12, max_size=12)


@given(COUNTS, COUNTS)
def test_a_change_is_clear_beyond_twice_the_root_of_the_sum(before: int, after: int) -> None:
    bound = 2 * math.sqrt(before + after)
    if not math.isclose(abs(after - before), bound):
        assert Change(before, after).is_clear == (abs(after - before) > bound)


@pytest.mark.parametrize(
    "before, after, is_clear, is_clear_of_many",
    [
        (1, 4, False, False),
        (0, 4, False, False),
        (0, 5, True, False),
        (0, 9, True, False),
        (0, 10, True, True),
        (100, 128, False, False),
        (100, 131, True, False),
        (100, 145, True, False),
        (100, 148, True, True),
    ],
)
def test_few_hires_make_no_clear_change(
    before: int, after: int, is_clear: bool, is_clear_of_many: bool
) -> None:
    change = Change(before, after)

    assert (change.is_clear, change.is_clear_of_many) == (is_clear, is_clear_of_many)


@given(MONTHS, st.integers(1900, 2100), st.integers(1, 12))
def test_months_stand_out_from_what_their_days_would_bring(
    hires: list[int], year: int, last: int
) -> None:
    months = range(1, last + 1)
    found = outstanding_months(year, hires, months)

    days = [calendar.monthrange(year, month)[1] for month in months]
    total = sum(hires[:last])
    for month in months:
        expected = total * days[month - 1] / sum(days)
        distance = hires[month - 1] - expected
        if not math.isclose(abs(distance), 3 * math.sqrt(expected), rel_tol=1e-9):
            side = (1 if distance > 0 else -1) if abs(distance) > 3 * math.sqrt(expected) else 0
            assert found.get(month, 0) == side


def test_as_many_hires_a_day_in_a_short_month_do_not_stand_out() -> None:
    days = [calendar.monthrange(2025, month)[1] for month in range(1, 13)]

    assert outstanding_months(2025, [1000 * each for each in days], range(1, 13)) == {}


STRONG_MARCH = [10, 10, 40, 10, 10, 10, 10, 10, 10, 10, 10, 10]
FLAT = [10] * 12


def test_a_month_that_is_strong_each_year_returns() -> None:
    assert returning_months({2023: STRONG_MARCH, 2024: STRONG_MARCH, 2025: STRONG_MARCH}) == {3: 1}


def test_a_month_that_is_strong_in_one_year_does_not_return() -> None:
    high_once = [10, 10, 200, *[10] * 9]

    assert returning_months({2023: high_once, 2024: FLAT, 2025: FLAT}) == {}


def test_a_month_that_is_weak_each_year_returns() -> None:
    weak = [30] * 6 + [2] + [30] * 5

    assert returning_months({2023: weak, 2024: weak, 2025: weak}) == {7: -1}


def test_without_years_nothing_returns() -> None:
    assert returning_months({}) == {}
