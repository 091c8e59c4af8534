"""What rejected rows could change: "no" is held against every way in which they could come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from hrapi.client.analysis.figures import figures_of
from hrapi.client.analysis.left_out import LeftOut
from hrapi.client.analysis.words.concentration import needed_for_half
from hrapi.client.analysis.words.gaps import resilience
from tests.client.analysis.made_up import collected, many

HIRES = st.lists(st.integers(0, 7), min_size=2, max_size=4).map(
    lambda each: sorted(each, reverse=True)
)


def left_out(rows: int, moving: int) -> LeftOut:
    return LeftOut(rows=rows, codes={"already_exists": moving}, departments=0, jobs=0)


def outcomes(hires: Sequence[int], rows: int, moving: int) -> Iterator[list[int]]:
    """The hires of each department however the rows come in: dropped, added to one, or moved to another."""
    places = range(len(hires))
    added = [None, *places]
    moved = [None, *places, *((a, b) for a in places for b in places if a != b)]
    for choices in product(*([moved] * moving), *([added] * (rows - moving))):
        found = list(hires)
        for choice in choices:
            if isinstance(choice, tuple):
                found[choice[0]] -= 1
                found[choice[1]] += 1
            elif choice is not None:
                found[choice] += 1
        if min(found) >= 0:
            yield found


ROWS = st.sampled_from([(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (2, 2)])


@given(HIRES, ROWS)
def test_who_cannot_be_overtaken_never_is(hires: list[int], rows: tuple[int, int]) -> None:
    may = left_out(*rows).may_overtake(hires[0], hires[1])

    does = any(max(found[1:]) >= found[0] for found in outcomes(hires, *rows))
    assert does <= may
    if not rows[1]:
        assert does == may


@given(HIRES, ROWS, st.data())
def test_who_cannot_change_sides_of_the_mean_never_does(
    hires: list[int], rows: tuple[int, int], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(hires) - 1))
    may = left_out(*rows).may_change_side(hires[place], sum(hires), len(hires))

    def above(found: Sequence[int]) -> bool:
        return found[place] * len(found) > sum(found)

    does = any(above(found) != above(hires) for found in outcomes(hires, *rows))
    assert does <= may
    if not rows[1]:
        assert does == may


@given(HIRES.filter(any), ROWS)
def test_half_is_reached_within_the_range_that_is_told(
    hires: list[int], rows: tuple[int, int]
) -> None:
    few, many_ = left_out(*rows).departments_for_half(hires)

    found = {
        needed_for_half(sorted(each, reverse=True)) for each in outcomes(hires, *rows) if any(each)
    }
    assert few <= min(found)
    assert max(found) <= many_


def test_where_the_log_may_not_be_read_each_row_may_move_a_hire() -> None:
    assert LeftOut(rows=7, codes=None, departments=0, jobs=0).moving == 7


def test_rows_with_two_contradictions_count_once() -> None:
    codes = {"already_exists": 2, "duplicate_in_batch": 2}

    assert LeftOut(rows=3, codes=codes, departments=0, jobs=0).moving == 3


def test_a_lead_beyond_all_rejected_rows_is_said_to_hold() -> None:
    hires = [*many(40, 2025, 1, 1), *many(10, 2025, 2, 2), *many(1, 2025, 3, 3)]

    by_statement = {
        each.statement: each.may_change
        for each in resilience(figures_of(collected(hires, open_codes={"required": 5})))
    }
    assert by_statement["the leading department"] is False
    assert by_statement["which departments are above the mean"] is False


def test_a_lead_within_them_is_said_to_be_open() -> None:
    hires = [*many(12, 2025, 1, 1, 1), *many(10, 2025, 2, 2, 1), *many(1, 2025, 3, 3, 1)]

    found = resilience(figures_of(collected(hires, open_codes={"required": 2})))
    assert [each.may_change for each in found if "leading" in each.statement] == [True]
    assert "D1</bdi> is 2 hires ahead of <bdi>D2" in found[0].why


def test_nothing_is_said_where_nothing_is_left_out() -> None:
    assert resilience(figures_of(collected(many(3, 2025, 1)))) == []
