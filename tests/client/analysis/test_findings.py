"""What the page answers first, of years whose story is known."""

from __future__ import annotations

import pytest

from hrapi.client.analysis.figures import figures_of
from hrapi.client.analysis.words import (
    concentration,
    course,
    departments,
    gaps,
    jobs,
    seasons,
    size,
    span,
)
from hrapi.client.analysis.words.summary import few, findings
from tests.client.analysis.made_up import Hire, collected, evenly, many


def points(hires: list[Hire], **options: object) -> list[str]:
    """The findings as plain text."""
    found = findings(figures_of(collected(hires, **options)))  # type: ignore[arg-type]
    return [f"{each.point.striptags()} {each.more.striptags()}".strip() for each in found]


def told(markup: object) -> str:
    return markup.striptags() if hasattr(markup, "striptags") else str(markup)


def test_there_are_three_to_five() -> None:
    large = [hire for each in range(1, 7) for hire in evenly(each, 2024, 2025, department=each)]

    assert len(points(large, open_codes={"required": 3})) == 5
    assert len(points(large)) == 5
    assert len(points(many(1, 2025, 3))) == 3


def test_one_hire() -> None:
    assert points(many(1, 2025, 3)) == [
        "1 employee was hired in 2025. No hire of an earlier year is stored, so there is nothing to compare 2025"
        " with.",
        "D1 is the only department, so all hires are its own.",
        "All hires are for one job, J1.",
    ]
    assert few(figures_of(collected(many(1, 2025, 3)))).startswith(
        "With 1 hire, each single one is 100.0 points"
    )


def test_growth_from_one_to_four_is_no_growth() -> None:
    hires = [*many(1, 2024, 1), *many(1, 2024, 12), *many(4, 2025, 1), *many(1, 2025, 12)]

    text = told(size.against_year_before(figures_of(collected(hires))))
    assert text == "Compared with 2024: 3 more hires: no clear change, 5 against 2."


def test_growth_that_is_clear_has_its_percentage() -> None:
    hires = [*evenly(10, 2024), *evenly(14, 2025)]

    text = told(size.against_year_before(figures_of(collected(hires))))
    assert text == "Compared with 2024: 48 more hires (+40.0%), 168 against 120."


def test_a_year_that_runs_is_compared_over_the_months_that_are_over() -> None:
    hires = [*evenly(10, 2025), *evenly(10, 2026)]
    figures = figures_of(collected(hires, year=2026))

    assert told(size.finding(figures).point) == "120 employees were hired in 2026 so far."
    assert (
        "in January to October, the months that both years have whole: as many hires, 100"
        in told(size.against_year_before(figures))
    )
    [running] = span.limits(figures)
    assert "still running: the figures stand as of 26 November 2026" in running
    assert "They count 10 hires dated in months to come." in running


def test_a_year_to_come() -> None:
    figures = figures_of(collected([*many(1, 2024, 1), *evenly(1, 2027)], year=2027))

    assert any("2027 has not begun" in each for each in span.limits(figures))


@pytest.mark.parametrize(
    "months, said",
    [
        (range(2, 13), ["No hire before February 2025 is stored at all. If the data only begin there, the year is"
         " not a whole one: January may be missing rather than empty."]),
        (range(1, 12), ["No hire after November 2025 is stored. Either nobody was hired since, or the data end"
         " there: December may be missing rather than empty."]),
        (range(1, 13), []),
    ],
)  # fmt: skip
def test_data_that_begin_or_end_within_the_year(months: range, said: list[str]) -> None:
    figures = figures_of(collected([hire for each in months for hire in many(2, 2025, each)]))

    assert list(map(told, span.limits(figures))) == said


def quarters(*hires: int) -> list[Hire]:
    """So many hires in the quarters, and some before and after, so that all are whole."""
    own = [hire for place, each in enumerate(hires) for hire in many(each, 2025, 3 * place + 1)]
    return [*many(1, 2024, 12), *own, *many(1, 2026, 1)]


@pytest.mark.parametrize(
    "hires, said",
    [
        ((100, 110, 105, 112),
         "No clear change from quarter to quarter: between 100 and 112 hires in each whole quarter."),
        ((100, 120, 150, 200), "Hiring rose from 100 in Q1 to 200 in Q4."),
        ((200, 150, 120, 100), "Hiring fell from 200 in Q1 to 100 in Q4."),
        ((100, 200, 100, 101), "Hiring went up and down through the year."),
        ((50, 50, 50, 50), "No clear change from quarter to quarter: 50 hires in each whole quarter."),
    ],
)  # fmt: skip
def test_the_course_of_the_year(hires: tuple[int, ...], said: str) -> None:
    found = course.finding(figures_of(collected(quarters(*hires))))

    assert found is not None
    assert told(found.point) == said


def test_quarters_that_tie_are_all_named() -> None:
    text = told(course.details(figures_of(collected(quarters(50, 60, 60, 50)))))

    assert (
        text
        == "Of the whole quarters, most were hired in Q2 and Q3 (60), fewest in Q1 and Q4 (50)."
    )


def test_quarters_that_are_not_whole_are_not_compared() -> None:
    figures = figures_of(collected([*many(30, 2025, 2), *many(30, 2025, 5), *many(30, 2025, 12)]))
    found = course.finding(figures)

    assert found is not None
    assert "Q1 does not have three whole months with data and is not compared." in told(found.more)


def test_one_whole_quarter_is_no_course() -> None:
    figures = figures_of(collected([*many(30, 2025, 1), *many(30, 2025, 5)]))

    assert course.finding(figures) is None
    assert "Only Q1 has data for three whole months" in told(course.details(figures))


def of_departments(*hires: int) -> list[Hire]:
    return [
        hire for place, each in enumerate(hires, start=1) for hire in many(each, 2025, 3, place)
    ]


@pytest.mark.parametrize(
    "hires, said",
    [
        ((30, 20, 10), "D1 hired most: 30 of 60 hires (50.0%), ahead of D2 with 20."),
        ((30, 15, 15), "D1 hired most: 30 of 60 hires (50.0%), ahead of D2 and D3 with 15 each."),
        ((25, 25, 10), "D1 and D2 hired most: 25 each (41.7% of all hires each)."),
        ((20, 20, 20), "All 3 departments hired the same number: 20 each."),
        ((60,), "D1 is the only department, so all hires are its own."),
    ],
)  # fmt: skip
def test_who_leads(hires: tuple[int, ...], said: str) -> None:
    assert told(departments.leader(figures_of(collected(of_departments(*hires))))) == said


def test_departments_without_a_hire_lag_and_count_in_the_mean() -> None:
    names = {1: "A", 2: "B", 3: "C", 4: "D"}
    figures = figures_of(collected(of_departments(20, 12), departments=names))

    found = departments.finding(figures)
    assert (
        told(found.more)
        == "2 of 4 departments are above the mean of 8 hires. C and D have no hire."
    )
    assert list(map(told, departments.details(figures))) == [
        "Above the mean of 8 hires are: A (20) and B (12).",
        "Below it are: D (0) and C (0).",
    ]


def test_a_department_at_the_mean_is_not_above_it() -> None:
    found = list(map(told, departments.details(figures_of(collected(of_departments(30, 20, 10))))))

    assert found[0] == "Above the mean of 20 hires is: D1 (30)."
    assert found[1] == "Below it is: D3 (10). Exactly the mean, and so not above it: D2."


def test_departments_that_changed_are_named_with_both_numbers() -> None:
    hires = [
        *evenly(10, 2024, 2025, department=1),
        *evenly(2, 2024, department=2),
        *evenly(9, 2025, department=2),
    ]

    text = told(departments.changes(figures_of(collected(hires))))
    assert text == "Against 2024, clearly more hires in D2 (from 24 to 108)."


@pytest.mark.parametrize(
    "hires, half, equal",
    [((10, 10, 10, 10), 2, "4"), ((97, 1, 1, 1), 1, "1.1"), ((40, 30, 20, 10), 2, "3.3")],
)
def test_concentration(hires: tuple[int, ...], half: int, equal: str) -> None:
    figures = figures_of(collected(of_departments(*hires)))
    found = concentration.finding(figures)

    assert concentration.needed_for_half(hires) == half
    assert found is not None
    largest = "largest" if half == 1 else f"{half} largest"
    assert told(found.point) == (
        f"It takes the {largest} of 4 departments to reach half of all hires."
    )
    assert f"as if {equal} departments of equal size" in told(concentration.details(figures))


def test_two_departments_are_not_concentrated() -> None:
    assert concentration.finding(figures_of(collected(of_departments(30, 2)))) is None


def of_jobs(*hires: int) -> list[Hire]:
    return [hire for job, each in enumerate(hires, start=1) for hire in many(each, 2025, 3, 1, job)]


def test_the_jobs_hired_most() -> None:
    figures = figures_of(collected(of_jobs(9, 9, 1), jobs={1: "A", 2: "B", 3: "C", 4: "D"}))
    found = jobs.finding(figures)

    assert told(found.point) == "The jobs hired most are A and B: 9 each (47.4% of all hires each)."
    assert told(found.more) == "1 job was hired once, 1 job not at all."


def test_jobs_that_tie_with_the_tenth_are_shown_unless_they_are_many() -> None:
    eleven = figures_of(collected(of_jobs(*range(20, 11, -1), 5, 5, 1)))
    thirty = figures_of(collected(of_jobs(*range(20, 11, -1), *[5] * 30)))

    assert [len(jobs.shown(each)[0]) for each in (eleven, thirty)] == [11, 10]
    assert jobs.tied(eleven) is None
    assert told(jobs.tied(thirty)).startswith("29 more jobs have 5 hires as well")


def test_one_year_tells_no_season() -> None:
    assert "one whole year is there" in told(seasons.season(figures_of(collected(evenly(5, 2025)))))


def test_a_month_that_is_strong_in_three_years_is_a_season() -> None:
    years = (2023, 2024, 2025)
    hires = [*evenly(10, *years), *(hire for year in years for hire in many(40, year, 9))]

    assert told(seasons.season(figures_of(collected(hires)))) == (
        "September was strong in each of the 3 whole years 2023 to 2025."
    )


def test_no_season_in_years_that_are_alike() -> None:
    figures = figures_of(collected(evenly(10, 2023, 2024, 2025)))

    assert told(seasons.season(figures)).startswith("No season shows")


def test_a_month_that_stands_out_is_named_with_its_hires() -> None:
    text = told(seasons.this_year(figures_of(collected([*evenly(10, 2025), *many(40, 2025, 9)]))))

    assert "September (50) has clearly more hires than as many days of the other months." in text


def test_what_is_left_out_is_set_against_the_year() -> None:
    hires = [*many(60, 2025, 3), *many(20, 2024, 3)]
    figures = figures_of(collected(hires, open_codes={"required": 8, "invented": 1}))

    assert told(gaps.finding(figures).point) == "9 rejected rows are not counted."
    assert "if all 9 belonged to 2025, it would have 15.0% more hires" in told(
        gaps.at_most(figures)
    )
    assert told(gaps.expected(figures)).endswith("about 7 of 9 would be of 2025.")
    assert [(code, rows) for code, _, rows in gaps.reasons(figures)] == [
        ("required", 8),
        ("invented", 1),
    ]
    assert (
        told(gaps.others(figures))
        == "Hires of other years are not part of these figures (2024: 20)."
    )
