"""What is sent for a chart: each part is checked, and what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.api.problems import ProblemCode, ProblemError
from reports.charts.specification import read_chart
from reports.charts.standard import STANDARD_CHARTS
from tests.reports.charts.charts import HIRES, SPECIFICATIONS

BAR = SPECIFICATIONS["bar"]

FAULTS: dict[str, tuple[Any, str]] = {
    "no object": ([], "specification: Send an object."),
    "a figure": ({"data": [], "layout": {}}, "'data': specification knows dataset, "),
    "no dataset": ({"type": "bar"}, "dataset: Send one of departments, "),
    "a dataset that is not there": (BAR | {"dataset": "salaries"}, "dataset: Send one of "),
    "a dataset of another kind": (BAR | {"dataset": ["hires"]}, "dataset: Send one of "),
    "a type that is not there": (BAR | {"type": "3d"}, "type: Send one of bar, grouped_bar, "),
    "a type of another kind": (BAR | {"type": 7}, "type: Send one of bar, grouped_bar, "),
    "a role that is missing": (
        HIRES | {"type": "bar", "x": "month"},
        "y: A chart of type bar needs",
    ),
    "a role too many": (BAR | {"color": "job"}, "color: A chart of type bar takes line, x, y."),
    "a column that is not there": (BAR | {"x": "city"}, "x: hires has the columns year, quarter, "),
    "a column of another kind": (BAR | {"y": 3}, "y: hires has the columns year, quarter, "),
    "a name as an amount": (BAR | {"y": "job"}, "y: job is no amount"),
    "an id as an amount": (BAR | {"y": "job_id"}, "y: job_id is no amount"),
    "an amount as a group": (BAR | {"x": "hires", "y": "hires"}, "x: hires is an amount"),
    "moments as groups": (
        {"dataset": "employees", "type": "bar", "x": "datetime", "aggregate": "count"},
        "x: datetime holds moments",
    ),
    "names of people": (
        {"dataset": "employees", "type": "bar", "x": "name", "aggregate": "count"},
        "x: name holds names of people",
    ),
    "names of people in a table": (
        {"dataset": "employees", "type": "table", "columns": ["id", "name"]},
        "columns: name holds names of people",
    ),
    "names of people as a filter": (
        {"dataset": "employees", "type": "bar", "x": "job_id", "aggregate": "count"}
        | {"filters": {"name": ["Ada"]}},
        "filters: name holds names of people",
    ),
    "one column twice": (
        HIRES | {"type": "stacked_bar", "x": "job", "y": "hires", "color": "job"},
        "x: Each column has one place.",
    ),
    "three columns on x": (BAR | {"x": ["year", "month", "job"]}, "x: Send the name of a column"),
    "no column on x": (BAR | {"x": []}, "x: Send the name of a column"),
    "a parameter that is not there": (BAR | {"parameters": {"city": 1}}, "parameters: There is no"),
    "parameters that do not go together": (
        BAR | {"parameters": {"year": 2021, "last_days": 3}},
        "parameters: period: ask for one",
    ),
    "a parameter of another kind": (BAR | {"parameters": {"year": [2021]}}, "parameters: 'year'"),
    "a year out of reach": (
        BAR | {"parameters": {"year": 99999}},
        "parameters: year: send a whole",
    ),
    "a filter by an amount": (BAR | {"filters": {"hires": [1]}}, "filters: hires cannot be"),
    "a filter of another kind": (
        BAR | {"filters": {"job_id": ["1"]}},
        "filters: job_id: Send a list of 1 to 100 whole numbers.",
    ),
    "a filter of truths": (BAR | {"filters": {"job_id": [True]}}, "filters: job_id: Send a list"),
    "a filter of nothing": (BAR | {"filters": {"job_id": []}}, "filters: job_id: Send a list"),
    "a filter beyond any id": (BAR | {"filters": {"job_id": [2**63]}}, "filters: job_id: Send"),
    "a filter beyond any text": (BAR | {"filters": {"job": ["x" * 256]}}, "filters: job: Send"),
    "a filter that cannot be stored": (BAR | {"filters": {"job": ["\x00"]}}, "filters: job: Send"),
    "an aggregate of rows": (
        SPECIFICATIONS["scatter"] | {"aggregate": "mean"},
        "aggregate: A chart of type scatter draws each row as it is.",
    ),
    "an aggregate that is not there": (BAR | {"aggregate": "median"}, "aggregate: Send one of sum"),
    "a count of something": (BAR | {"aggregate": "count"}, "y: Rows are counted: leave it out"),
    "an option that is not there": (BAR | {"options": {"color": "red"}}, "'color': options knows"),
    "options of another kind": (BAR | {"options": "sorted"}, "options: Send an object."),
    "top of another kind": (BAR | {"options": {"top": True}}, "options.top: Send a whole number"),
    "top too large": (BAR | {"options": {"top": 101}}, "options.top: Send a whole number"),
    "values of another kind": (BAR | {"options": {"values": 1}}, "options.values: Send true"),
    "a palette that is not there": (BAR | {"options": {"palette": "jet"}}, "options.palette: Send"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_named(name: str) -> None:
    sent, message = FAULTS[name]

    with pytest.raises(ProblemError) as raised:
        read_chart(sent)

    assert raised.value.code is ProblemCode.INVALID_PARAMETER
    assert raised.value.detail.startswith(message)


@pytest.mark.parametrize(
    "specification",
    [*SPECIFICATIONS.values(), *(chart.specification(2021) for chart in STANDARD_CHARTS)],
)
def test_what_is_kept_reads_back_the_same(specification: dict[str, Any]) -> None:
    chart = read_chart(specification)

    assert read_chart(chart.as_json()) == chart
