"""Numbers, shares, names and lists as they are read."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from hrapi.client.analysis.comparing import Change
from hrapi.client.analysis.figures import Counted
from hrapi.client.analysis.tables import rounding_note
from hrapi.client.analysis.words import text

COUNTS = st.lists(st.integers(0, 2000), min_size=1, max_size=15).filter(any)


@given(COUNTS)
def test_shares_add_up_or_it_is_said_that_they_do_not(counts: list[int]) -> None:
    total = sum(counts)
    tenths = [text.share_in_tenths(each, total) for each in counts]

    for each, shown in zip(counts, tenths, strict=True):
        exact = Decimal(each) * 1000 / Decimal(total)
        assert shown == exact.quantize(Decimal(1), ROUND_HALF_UP)
    note = rounding_note(counts)
    assert (sum(tenths) == 1000) == (note == "")
    if note:
        assert f"{sum(tenths) / 10:.1f}%" in note


@pytest.mark.parametrize(
    "part, whole, shown",
    [
        (1, 3, "33.3%"), (0, 5, "0%"), (5, 5, "100%"), (1, 100_000, "under 0.1%"),
        (99_999, 100_000, "over 99.9%"), (216, 1643, "13.1%"), (1, 2, "50.0%"), (1, 1, "100%"),
    ],
)  # fmt: skip
def test_a_share_never_claims_nothing_or_all(part: int, whole: int, shown: str) -> None:
    assert text.share(part, whole) == shown


@pytest.mark.parametrize(
    "before, after, shown",
    [
        (1, 4, ""), (19, 38, ""), (20, 40, "+100.0%"), (454, 487, "+7.3%"), (100, 75, "−25.0%"), (30, 30, ""),
        (1000, 11_000, "+1,000.0%"),
    ],
)  # fmt: skip
def test_percentages_of_change_are_given_of_enough_hires(
    before: int, after: int, shown: str
) -> None:
    assert text.percentage(Change(before, after)) == shown


@given(st.fractions(-10_000, 10_000, max_denominator=500))
def test_decimals_round_halves_away_from_zero(value: Fraction) -> None:
    shown = text.decimal(value).replace(text.MINUS, "-").replace(",", "")

    exact = Decimal(value.numerator) / Decimal(value.denominator)
    assert Decimal(shown) == exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert not shown.startswith("-0.0")


@pytest.mark.parametrize(
    "total, count, shown",
    [
        (1643, 12, "136.9"),
        (144, 12, "12"),
        (10, 3, "3.33"),
        (0, 4, "0"),
        (1, 400, "under 0.01"),
        (1, 200, "0.01"),
    ],
)
def test_means(total: int, count: int, shown: str) -> None:
    assert text.mean(total, count) == shown


@pytest.mark.parametrize(
    "value, shown", [(0, "no hires"), (1, "1 hire"), (2, "2 hires"), (1643, "1,643 hires")]
)
def test_one_is_singular(value: int, shown: str) -> None:
    assert text.counted(value, "hire") == shown


@pytest.mark.parametrize(
    "names, shown",
    [
        ([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"),
        (list("abcde"), "a, b, c, d and 1 more"), (["<b>"], "&lt;b&gt;"),
    ],
)  # fmt: skip
def test_lists(names: list[str], shown: str) -> None:
    assert text.listed(names) == Markup(shown)


def test_names_are_escaped_and_kept_apart_from_the_text_around_them() -> None:
    each = Counted(id=7, name="<script>قسم", has_namesake=True)

    assert text.name(each) == "<bdi>&lt;script&gt;قسم</bdi> (id 7)"


@given(st.text(min_size=1, max_size=255))
def test_long_names_are_cut_within(name: str) -> None:
    shown = text.shortened(name)

    assert len(shown) <= text.LONGEST_NAME
    assert shown == name or ("…" in shown and len(name) > text.LONGEST_NAME)


@pytest.mark.parametrize(
    "months, shown",
    [
        ([2], "February"), ([1, 2], "January and February"), ([1, 2, 3], "January to March"),
        ([1, 3, 4], "January, March and April"),
    ],
)  # fmt: skip
def test_months(months: list[int], shown: str) -> None:
    assert text.months(months) == shown
