"""Charts in words, from numbers that can be checked by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hrapi.ingestion.models import Batch, RejectedRow
from reports.charts.counting import chart_data
from reports.charts.data import BOX, ChartData, Series
from reports.charts.specification import read_chart
from reports.charts.words import summary
from tests.reports.charts.charts import SPECIFICATIONS

OF_HIRES = {
    "bar": (
        "Bar chart: Hires by Department. Together they are 6. "
        "The largest is 4 (Sales), 66.7% of the total; the smallest is 2 (Legal)."
    ),
    "bar with a line": (
        "Bar chart: Hired by Department. The only one is 4 (Sales). The line of Mean is at 2."
    ),
    "grouped_bar": (
        "Grouped bar chart: Hires by Quarter and Department. Together they are 6. "
        "By Quarter, the largest is 3 (Q1 and Q3), 50.0% of the total; the smallest is 0 (Q2). "
        "By Department, the largest is 4 (Sales), 66.7% of the total; the smallest is 2 (Legal)."
    ),
    "stacked_bar": (
        "Stacked bar chart: Hires by Quarter and Department. Together they are 6. "
        "By Quarter, the largest is 3 (Q1 and Q3), 50.0% of the total; the smallest is 0 (Q2). "
        "By Department, the largest is 4 (Sales), 66.7% of the total; the smallest is 2 (Legal)."
    ),
    "line": (
        "Line chart: Hires by Quarter. Together they are 6. It goes from 3 (Q1) to 3 (Q3). "
        "The peak is 3 (Q1 and Q3); the lowest point is 0 (Q2)."
    ),
    "line with colours": (
        "Line chart: Hires by Quarter and Department. Together they are 6. "
        "By Quarter, the largest is 3 (Q1 and Q3), 50.0% of the total; the smallest is 0 (Q2). "
        "By Department, the largest is 4 (Sales), 66.7% of the total; the smallest is 2 (Legal). "
        "The peak is 3 (Q1 / Sales); "
        "the lowest point is 0 (Q1 / Legal, Q2 / Legal and Q2 / Sales)."
    ),
    "heatmap": (
        "Heatmap: Hires by Quarter and Department. Together they are 6. "
        "By Quarter, the largest is 3 (Q1 and Q3), 50.0% of the total; the smallest is 0 (Q2). "
        "By Department, the largest is 4 (Sales), 66.7% of the total; the smallest is 2 (Legal)."
    ),
    "pie": (
        "Pie chart: Hires by Department. Together they are 6. "
        "The largest is 4 (Sales), 66.7% of the total; the smallest is 2 (Legal)."
    ),
    "box": "Box plot: Hires by Department. All rows lie from 1 to 3. Each median is 2.",
    "box without x": "Box plot: Hires. All rows lie from 1 to 3. The median is 2, the mean 2.",
    "scatter": (
        "Scatter plot: Q3 against Q1 by Department. 2 points. "
        "Q1 lies from 0 to 3. Q3 lies from 1 to 2."
    ),
    "table": "Table. 3 rows of Quarter, Department and Hires.",
    "number": "Number: Hires. It is 6.",
    "count": "Bar chart: Rows by Job. The only one is 3 (Clerk).",
}


def words(name: str, data: ChartData, **changed: object) -> str:
    return summary(read_chart(SPECIFICATIONS[name] | changed), data)


def bars(*values: float | None) -> ChartData:
    return ChartData(
        x_title="Job",
        y_title="Hires",
        categories=tuple("abcdef"[: len(values)]),
        series=(Series("Hires", values),),
    )


@pytest.mark.usefixtures("hires")
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_each_type_is_told(name: str) -> None:
    chart = read_chart(SPECIFICATIONS[name])

    assert summary(chart, chart_data(chart)) == OF_HIRES[name]


@pytest.mark.usefixtures("hires")
@pytest.mark.parametrize("name", sorted(SPECIFICATIONS.keys() - {"number"}))
def test_nothing_is_told_as_nothing(name: str) -> None:
    chart = read_chart(SPECIFICATIONS[name] | {"parameters": {"year": 1999}})

    assert summary(chart, chart_data(chart)).endswith("Nothing to show.")


def test_all_the_same() -> None:
    assert words("bar", bars(2, 2)) == ("Bar chart: Hires by Job. Together they are 4. Each is 2.")


def test_many_that_are_largest() -> None:
    assert "The largest is 9 (a, b, c and 2 more), 19.6% of the total;" in words(
        "bar", bars(9, 9, 9, 9, 9, 1)
    )


def test_places_without_a_number() -> None:
    told = words("bar", bars(1.5, None, None, 4), aggregate="mean")

    assert told == (
        "Bar chart: Hires by Job. The largest is 4 (d); the smallest is 1.5 (a). 2 have no number."
    )


def test_a_line_begins_and_ends_where_there_are_numbers() -> None:
    told = words("line", bars(None, 5, 7, None), aggregate="max")

    assert "It goes from 5 (b) to 7 (c)." in told
    assert told.endswith("2 have no number.")


def test_negative_numbers_have_no_shares() -> None:
    assert words("bar", bars(-3, 5)) == (
        "Bar chart: Hires by Job. Together they are 2. "
        "The largest is 5 (b); the smallest is -3 (a)."
    )


def test_means_are_not_added_up() -> None:
    data = ChartData(
        x_title="Quarter",
        y_title="Hires (mean)",
        color_title="Job",
        categories=("Q1", "Q2"),
        series=(Series("Clerk", (2.5, None)), Series("Cook", (1.0, 3.25))),
    )

    assert words("grouped_bar", data, aggregate="mean") == (
        "Grouped bar chart: Hires (mean) by Quarter and Job. "
        "The largest is 3.25 (Q2 / Cook); the smallest is 1 (Q1 / Cook)."
    )


def test_medians_of_boxes() -> None:
    boxes = ((0, 2, 3, 4, 9, 3.5), (1, 2, 7.5, 8, 30, 6))
    data = ChartData(
        x_title="Job",
        y_title="Hires",
        categories=("Clerk", "Cook"),
        series=tuple(
            Series(name, values) for name, values in zip(BOX, zip(*boxes, strict=True), strict=True)
        ),
    )

    assert words("box", data) == (
        "Box plot: Hires by Job. All rows lie from 0 to 30. "
        "The highest median is 7.5 (Cook); the lowest is 3 (Clerk)."
    )


@pytest.mark.usefixtures("hires")
@pytest.mark.parametrize(
    "name, told",
    [
        ("pie", "Together they are 6. The largest shown is 4 (Sales), 66.7% of the total. Other"),
        ("bar", "The largest shown is 4 (Sales). Only"),
        ("stacked_bar", "By Department, the largest shown is 4 (Sales), 66.7% of the total. Other"),
        ("line with colours", "The peak shown is 3 (Q1 / Sales). Other"),
        ("box", "The rows shown lie from 2 to 2. The highest median shown is 2 (Legal). Only"),
    ],
)
def test_of_what_is_not_all_no_least_is_told(name: str, told: str) -> None:
    chart = read_chart(SPECIFICATIONS[name] | {"options": {"top": 1}})

    assert told in summary(chart, chart_data(chart))


def test_what_is_shown_of_more_has_shares_of_that_alone() -> None:
    data = replace(bars(3, 1), is_cut=True)

    assert words("bar", data) == (
        "Bar chart: Hires by Job. Those shown are together 4. "
        "The largest shown is 3 (a), 75.0% of all shown."
    )


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "type_, columns",
    [("bar", {"x": "code"}), ("pie", {"x": "code"}), ("line", {"x": "date", "color": "code"})],
)
def test_what_counts_twice_has_no_total(type_: str, columns: dict[str, str]) -> None:
    reject_with("required", "too_long")
    reject_with("required")
    specification = {"dataset": "rejections", "type": type_, "y": "rejected", **columns}
    chart = read_chart(specification)
    of_one = read_chart(specification | {"filters": {"code": ["required"]}})

    told = summary(chart, chart_data(chart))

    assert "ogether" not in told
    assert "total" not in told
    assert "2 (" in told
    assert told.endswith("What has more than one code counts once for each of them.")
    assert "counts once" not in summary(of_one, chart_data(of_one))


def reject_with(*codes: str) -> None:
    batch = Batch.objects.create(table="jobs", source="api", mode="partial")
    RejectedRow.objects.create(
        batch=batch,
        table="jobs",
        index=0,
        raw="{}",
        raw_length=2,
        errors=[],
        codes=list(codes),
        content_hash=" ".join(codes),
    )


def test_notes_come_last() -> None:
    data = ChartData(series=(Series("Hires", (1234567,)),), categories=("",), notes=("So far.",))

    assert words("number", data) == "Number. It is 1,234,567. So far."


def test_names_are_told_in_one_line_and_not_escaped() -> None:
    data = ChartData(categories=("<b>\nA\x00",), series=(Series("Hires", (1,)),))

    assert words("bar", data).endswith("The only one is 1 (<b> A).")
