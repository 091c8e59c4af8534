"""What is counted, against counting each hire; and for which months there are data."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given

from hrapi.client.analysis.checking import checks
from hrapi.client.analysis.collected import Collected
from hrapi.client.analysis.figures import figures_of
from tests.client.analysis.made_up import NOW, collected, evenly, histories, many


@given(histories())
def test_everything_adds_up_to_what_was_sent(sent: Collected) -> None:
    figures = figures_of(sent)

    rows = [row for row in sent.hires if row["year"] == sent.year]
    assert figures.total == sum(row["hires"] for row in rows)
    for number in range(1, 5):
        assert figures.quarters[number - 1] == sum(row[f"q{number}"] for row in sent.quarterly)
    for kind, items in (("department", figures.departments), ("job", figures.jobs)):
        assert {each.id for each in items} == {row["id"] for row in getattr(sent, f"{kind}s")}
        assert sum(each.hires for each in items) == figures.total
        for each in items:
            own = [row for row in rows if row[f"{kind}_id"] == each.id]
            assert each.hires == sum(row["hires"] for row in own)
            other = "job" if kind == "department" else "department"
            assert each.partners == len({row[f"{other}_id"] for row in own})
        assert [each.hires for each in items] == sorted(
            (each.hires for each in items), reverse=True
        )


@given(histories())
def test_each_department_is_on_one_side_of_the_mean(sent: Collected) -> None:
    figures = figures_of(sent)

    mean = Fraction(figures.total, len(figures.departments))
    assert all(each.hires > mean for each in figures.above_mean)
    assert all(each.hires == mean for each in figures.at_mean)
    assert all(each.hires < mean for each in figures.below_mean)
    sides = (figures.above_mean, figures.at_mean, figures.below_mean)
    assert sum(map(len, sides)) == len(figures.departments)
    assert {each.id for each in figures.above_mean} == {
        row["department_id"] for row in sent.above_mean
    }


@given(histories())
def test_what_one_service_says_at_one_moment_agrees(sent: Collected) -> None:
    assert [check for check in checks(sent, figures_of(sent)) if not check.agrees] == []


@given(histories())
def test_only_months_that_are_over_and_between_the_first_and_the_last_hire_are_whole(
    sent: Collected,
) -> None:
    figures = figures_of(sent)
    hired = [(row["year"], row["month"]) for row in sent.hires]
    years = sent.years()
    now = (sent.at.year, sent.at.month)

    for month in range(1, 13):
        at = (sent.year, month)
        begun = bool(years) and (min(years) < sent.year or (hired != [] and min(hired) <= at))
        ended = bool(years) and (max(years) > sent.year or (hired != [] and max(hired) >= at))
        assert figures.coverage.holds(*at) == (begun and ended and at < now)


def test_a_year_that_begins_within_the_data_has_no_whole_first_quarter() -> None:
    figures = figures_of(collected([*many(3, 2025, 2), *many(3, 2025, 12)]))

    assert figures.coverage.months(2025) == list(range(2, 13))
    assert figures.coverage.quarters(2025) == [2, 3, 4]


def test_the_running_month_and_those_to_come_are_not_whole() -> None:
    figures = figures_of(collected(evenly(3, 2025, 2026), year=2026, now=NOW))

    assert figures.coverage.months(2026) == list(range(1, 11))
    assert figures.coverage.quarters(2026) == [1, 2, 3]
    assert figures.comparable_months == list(range(1, 11))


def test_months_are_compared_that_both_years_have() -> None:
    hires = [*many(2, 2024, 5), *many(2, 2024, 12), *many(2, 2025, 1), *many(2, 2025, 8)]

    assert figures_of(collected(hires)).comparable_months == [5, 6, 7, 8]


def test_departments_of_one_name_are_told_apart() -> None:
    figures = figures_of(
        collected(many(1, 2025, 1), departments={1: "Sales", 2: "sales", 3: "Support"})
    )

    assert [each.id for each in figures.departments if each.has_namesake] == [1, 2]
