"""Plotly and matplotlib show the same: what one gets to draw is compared with what the other has drawn."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.charts.counting import chart_data
from reports.charts.data import ChartData
from reports.charts.definition import Chart, ChartType
from reports.charts.drawing.page import draw
from reports.charts.figures import figure
from reports.charts.images import image
from reports.charts.specification import read_chart
from reports.charts.words import summary
from tests.reports.charts.charts import SPECIFICATIONS
from tests.reports.charts.random_data import data_of
from tests.reports.charts.read_back import (
    in_picture,
    in_plotly,
    names_in_picture,
    names_in_plotly,
    nothing_in,
)


def assert_same(chart: Chart, data: ChartData) -> None:
    plotly: dict[str, Any] = json.loads(json.dumps(figure(chart, data)))
    paper = draw(chart, data, title="")
    said = [text.get_text() for text in paper.axes[0].texts]
    if said == ["Nothing to show."]:
        assert nothing_in(plotly)
    elif said == ["All slices are 0."]:
        assert not any(plotly["data"][0]["values"])
    else:
        assert in_picture(chart.type, paper) == in_plotly(chart.type, plotly)
    if paper.legends and chart.type is not ChartType.PIE:
        assert names_in_picture(paper) == names_in_plotly(plotly)


@pytest.mark.usefixtures("hires")
@pytest.mark.parametrize("year", [2021, 1999])
@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_both_show_the_same_rows(name: str, values: bool, year: int) -> None:
    options = {"options": {"values": values}, "parameters": {"year": year}}
    chart = read_chart(SPECIFICATIONS[name] | options)

    assert_same(chart, chart_data(chart))


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.data())
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_both_show_the_same_of_any_data(name: str, data: st.DataObject) -> None:
    chart = read_chart(SPECIFICATIONS[name] | {"options": {"values": data.draw(st.booleans())}})
    found = data.draw(data_of(chart))

    assert_same(chart, found)
    ET.fromstring(image(chart, found, title=data.draw(st.text()), format="svg"))
    assert summary(chart, found)
