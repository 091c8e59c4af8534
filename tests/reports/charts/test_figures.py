"""Figures, as Plotly's own library checks them."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects
import pytest

from departments.models import Department
from reports.charts.counting import chart_data
from reports.charts.figures import figure
from reports.charts.specification import read_chart
from tests.reports.charts.charts import SPECIFICATIONS

pytestmark = pytest.mark.usefixtures("hires")


def drawn(specification: dict[str, Any], **options: str) -> dict[str, Any]:
    chart = read_chart(specification)
    found: dict[str, Any] = json.loads(json.dumps(figure(chart, chart_data(chart), **options)))
    return found


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_plotly_takes_each_type(name: str, values: bool) -> None:
    found = drawn(SPECIFICATIONS[name] | {"options": {"values": values}}, title="Hires")

    read = plotly.graph_objects.Figure(found)

    assert len(read.data) == len(found["data"]) > 0
    assert read.layout.title.text == "Hires"


def test_bars_hold_the_numbers() -> None:
    [legal, sales] = drawn(SPECIFICATIONS["stacked_bar"])["data"]

    assert (legal["name"], legal["x"], legal["y"]) == ("Legal", ["Q1", "Q2", "Q3"], [0, 0, 2])
    assert (sales["name"], sales["y"]) == ("Sales", [3, 0, 1])


def test_more_colours_than_there_are_get_patterns() -> None:
    for number in range(10, 20):
        Department.objects.create(id=number, department=f"Department {number}")
    specification = SPECIFICATIONS["stacked_bar"] | {"parameters": {"year": 2021, "zeros": True}}

    looks = [
        (trace["marker"]["color"], trace["marker"]["pattern"]["shape"])
        for trace in drawn(specification)["data"]
    ]

    assert len(set(looks)) == len(looks) == 13


@pytest.mark.parametrize("name", ["stacked_bar", "pie"])
def test_patterns_lie_on_their_colour_and_leave_texts_readable(name: str) -> None:
    pattern = drawn(SPECIFICATIONS[name])["data"][0]["marker"]["pattern"]

    assert pattern["fillmode"] == "overlay"
    assert pattern["solidity"] < 0.3


def test_a_name_is_no_markup() -> None:
    Department.objects.filter(id=1).update(department="<b>R&D</b>")

    assert drawn(SPECIFICATIONS["bar"])["data"][0]["x"][0] == "&lt;b&gt;R&amp;D&lt;/b&gt;"


def test_names_of_digits_are_names() -> None:
    Department.objects.filter(id=1).update(department="007")

    assert drawn(SPECIFICATIONS["bar"])["layout"]["xaxis"]["type"] == "category"
