"""What a chart shows, from rows that can be counted by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from departments.models import Department
from hrapi.api.problems import ProblemError
from reports.charts.counting import chart_data
from reports.charts.data import ChartData
from reports.charts.specification import read_chart
from reports.datasets import reading
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory
from tests.reports.charts.charts import SPECIFICATIONS

pytestmark = pytest.mark.usefixtures("hires")

TABLES: dict[str, tuple[list[str], list[list[Any]]]] = {
    "bar": (["Department", "Hires"], [["Legal", 2], ["Sales", 4]]),
    "bar with a line": (["Department", "Hired", "Mean"], [["Sales", 4, 2.0]]),
    "grouped_bar": (
        ["Quarter", "Legal", "Sales"],
        [["Q1", 0, 3], ["Q2", 0, 0], ["Q3", 2, 1]],
    ),
    "stacked_bar": (
        ["Quarter", "Legal", "Sales"],
        [["Q1", 0, 3], ["Q2", 0, 0], ["Q3", 2, 1]],
    ),
    "line": (["Quarter", "Hires"], [["Q1", 3], ["Q2", 0], ["Q3", 3]]),
    "line with colours": (
        ["Quarter", "Legal", "Sales"],
        [["Q1", 0, 3], ["Q2", 0, 0], ["Q3", 2, 1]],
    ),
    "heatmap": (
        ["Quarter", "Legal", "Sales"],
        [["Q1", 0, 3], ["Q2", 0, 0], ["Q3", 2, 1]],
    ),
    "pie": (["Department", "Hires"], [["Legal", 2], ["Sales", 4]]),
    "box": (
        [
            "Department",
            *("minimum", "lower quartile", "median", "upper quartile", "maximum", "mean"),
        ],
        [["Legal", 2, 2, 2, 2, 2, 2], ["Sales", 1, 1.5, 2, 2.5, 3, 2]],
    ),
    "box without x": (
        ["minimum", "lower quartile", "median", "upper quartile", "maximum", "mean"],
        [[1, 1.5, 2, 2.5, 3, 2]],
    ),
    "scatter": (["Department", "Q1", "Q3"], [["Legal", 0, 2], ["Sales", 3, 1]]),
    "table": (
        ["Quarter", "Department", "Hires"],
        [[1, "Sales", 3], [3, "Sales", 1], [3, "Legal", 2]],
    ),
    "number": (["Hires"], [[6]]),
    "count": (["Job", "Rows"], [["Clerk", 3]]),
}


def shown(specification: dict[str, Any]) -> ChartData:
    return chart_data(read_chart(specification))


def table(specification: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    header, rows = shown(specification).table()
    return list(header), [list(row) for row in rows]


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_each_type_shows_the_rows_of_its_dataset(name: str) -> None:
    assert table(SPECIFICATIONS[name]) == TABLES[name]


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_what_is_kept_is_what_was_shown(name: str) -> None:
    data = shown(SPECIFICATIONS[name])

    assert ChartData.from_json(json.loads(json.dumps(data.as_json()))) == data


def test_what_was_kept_before_it_held_as_much_can_be_read() -> None:
    data = shown(SPECIFICATIONS["bar"])
    kept = {name: v for name, v in data.as_json().items() if name not in ("has_rest", "is_cut")}

    assert ChartData.from_json(kept) == data


def test_the_largest_come_first_when_asked_for() -> None:
    specification = SPECIFICATIONS["bar"] | {"options": {"sort": "value"}}

    assert table(specification)[1] == [["Sales", 4], ["Legal", 2]]


def test_what_is_beyond_top_is_said() -> None:
    data = shown(SPECIFICATIONS["bar"] | {"options": {"top": 1}})

    assert data.categories == ("Sales",)
    assert data.notes == ("Only the largest 1 of 2 are shown: Department.",)


@pytest.mark.parametrize("name", ["stacked_bar", "pie"])
def test_what_adds_up_keeps_the_rest_as_other(name: str) -> None:
    data = shown(SPECIFICATIONS[name] | {"options": {"top": 1}})

    assert data.notes == ("Other is 1 more put together: Department.",)
    drawn = [value for series in data.series for value in series.values]
    assert sum(value or 0 for value in drawn) == 6


def test_means_are_not_put_together() -> None:
    data = shown(SPECIFICATIONS["stacked_bar"] | {"aggregate": "mean", "options": {"top": 1}})

    assert [(series.name, series.values) for series in data.series] == [("Sales", (3, None, 1))]
    assert data.notes == ("Only the largest 1 of 2 are shown: Department.",)


def test_filters_keep_the_rows_of_these_values() -> None:
    assert table(SPECIFICATIONS["bar"] | {"filters": {"department_id": [2, 3]}})[1] == [
        ["Legal", 2]
    ]


@pytest.mark.parametrize(
    "filters, quarters",
    [({"quarter": [1, 3]}, ["Q1", "Q3"]), ({"department_id": [1]}, ["Q1", "Q2", "Q3"])],
)
def test_what_filters_take_out_is_not_0(filters: dict[str, Any], quarters: list[str]) -> None:
    data = shown(SPECIFICATIONS["line"] | {"filters": filters})

    assert list(data.categories) == quarters


@pytest.mark.parametrize("moment", ["2020-02-03T04:05:06Z", "2020-02-03T04:05:06.000007Z"])
def test_moments_are_written_as_everywhere(moment: str) -> None:
    EmployeeFactory(id=7000, department_id=1, job_id=1, datetime=datetime.fromisoformat(moment))

    specification = {
        "dataset": "employees",
        "type": "table",
        "columns": ["datetime"],
        "filters": {"id": [7000]},
    }

    assert table(specification)[1] == [[moment]]


def test_two_columns_on_x_stand_together() -> None:
    specification = {
        "dataset": "hires",
        "type": "bar",
        "x": ["year", "quarter"],
        "y": "hires",
    }

    assert table(specification) == (
        ["Year, Quarter", "Hires"],
        [["2021 Q1", 3], ["2021 Q3", 3], ["2022 Q2", 1]],
    )


def test_two_departments_of_one_name_stay_two() -> None:
    EmployeeFactory(
        department=DepartmentFactory(id=9, department="Sales"),
        job=JobFactory(id=2),
        datetime=datetime(2021, 2, 1, tzinfo=UTC),
    )

    assert table(SPECIFICATIONS["bar"])[1] == [["Legal", 2], ["Sales (1)", 4], ["Sales (9)", 1]]


def department_of_one_hire(number: int, name: str) -> None:
    EmployeeFactory(
        department=DepartmentFactory(id=number, department=name),
        job_id=1,
        datetime=datetime(2021, 2, 1, tzinfo=UTC),
    )


def test_no_two_names_are_the_same() -> None:
    for number, name in enumerate(("Same", "Same", "Same (10)"), start=10):
        department_of_one_hire(number, name)

    rows = table(SPECIFICATIONS["bar"])[1]

    names = ["Legal", "Sales", "Same (10) #2", "Same (11)", "Same (10)"]
    assert sorted(name for name, _ in rows) == sorted(names)


def test_a_name_that_somebody_not_shown_has_too_comes_with_its_id() -> None:
    department_of_one_hire(9, "Sales")

    assert table(SPECIFICATIONS["bar"] | {"options": {"top": 1}})[1] == [["Sales (1)", 4]]


@pytest.mark.parametrize("name", ["stacked_bar", "pie"])
def test_a_department_called_other_is_not_the_rest(name: str) -> None:
    Department.objects.filter(id=1).update(department="Other (1)")

    data = shown(SPECIFICATIONS[name] | {"options": {"top": 1}})

    names = data.categories if name == "pie" else tuple(series.name for series in data.series)
    assert names == ("Other (1)", "Other (1) #2")


def test_what_is_left_out_of_two_columns_names_both() -> None:
    specification = SPECIFICATIONS["bar"] | {"x": ["job", "department"], "options": {"top": 1}}

    assert shown(specification).notes == ("Only the largest 1 of 2 are shown: Job, Department.",)


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_where_nothing_is_nothing_is_shown(name: str) -> None:
    header, rows = table(SPECIFICATIONS[name] | {"parameters": {"year": 1999}})

    assert [row for row in rows if any(row)] == []
    assert header


def test_more_points_than_can_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.charts.counting.MAX_POINTS", 1)

    with pytest.raises(ProblemError, match="more than 1 points"):
        shown(SPECIFICATIONS["scatter"])


def test_more_groups_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.charts.counting.MAX_GROUPS", 1)

    with pytest.raises(ProblemError, match="more than 1 groups"):
        shown(SPECIFICATIONS["line"])


def test_zeros_have_an_end_in_charts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = read_chart(SPECIFICATIONS["bar"] | {"parameters": {"year": 2021, "zeros": True}})

    assert chart_data(chart)
    monkeypatch.setattr(reading, "MAX_ROWS_OF_ZEROS", 1)
    with pytest.raises(ProblemError, match="zeros: 12 months of "):
        chart_data(chart)
