"""Charts as figures of Plotly and as files, with what an address asks for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reports.visualizations.charts import API, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client_of: Any) -> Any:
    return client_of("readers")


def test_a_saved_chart_is_answered_as_a_figure(reader: Any, hires: Any) -> None:
    saved = save("readers", title="Hires <2021>")

    response = reader.get(f"{API}{saved.pk}/figure/")

    assert response.status_code == 200
    figure = response.json()
    assert set(figure) == {"data", "layout"}
    [bars] = figure["data"]
    assert (bars["type"], bars["x"], bars["y"]) == ("bar", ["Legal", "Sales"], [2, 4])
    assert figure["layout"]["title"]["text"] == "Hires &lt;2021&gt;"
    assert response["Rejected-Rows-Open"] == "0"
