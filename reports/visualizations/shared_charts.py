"""What a link shows: the chart as it is now, or as it was when the link was made."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils import timezone

from hrapi.api.csv_stream import format_moment
from hrapi.versions.selectors import data_version
from reports.charts.counting import chart_data
from reports.charts.data import ChartData
from reports.charts.definition import Chart
from reports.charts.files import csv_file
from reports.charts.specification import read_chart
from reports.rejections import rejections_left_out
from reports.visualizations.models import Share, Visualization

FILE_NAME = "chart"


@dataclass(frozen=True)
class Freezing:
    """Of when a frozen chart is, and what tells whether it is still the same."""

    taken_at: str
    data_version: str
    """Of the tables that it was made of."""
    sha256: str
    """Of its CSV file."""


FREEZING = tuple(field.name for field in fields(Freezing))


@dataclass(frozen=True)
class SharedChart:
    """`rejected_rows` is how many rows it lacks because they were rejected; None where it is made of no table."""

    title: str
    description: str
    chart: Chart
    data: ChartData
    rejected_rows: int | None
    freezing: Freezing | None = None


def shared_chart(share: Share) -> SharedChart:
    """Raises ProblemError for what cannot be drawn any more; a frozen one always can."""
    if share.frozen is None:
        return _now(share.visualization)
    kept = share.frozen
    return SharedChart(
        title=kept["title"],
        description=kept["description"],
        chart=read_chart(kept["specification"]),
        data=ChartData.from_json(kept["data"]),
        rejected_rows=kept["rejected_rows"],
        freezing=Freezing(**kept["freezing"]),
    )


def freeze(visualization: Visualization) -> dict[str, Any]:
    """What `shared_chart` needs to show the same again. Raises ProblemError for what cannot be drawn."""
    # Before the rows: what has changed in between is newer than the version, which then never comes again.
    version = data_version(read_chart(visualization.specification).dataset.tables)
    shown = _now(visualization)
    content = b"".join(csv_file(shown.data, FILE_NAME))
    freezing = Freezing(format_moment(timezone.now()), version, hashlib.sha256(content).hexdigest())
    return {
        "title": shown.title,
        "description": shown.description,
        "specification": shown.chart.as_json(),
        "data": shown.data.as_json(),
        "rejected_rows": shown.rejected_rows,
        "freezing": asdict(freezing),
    }


def _now(visualization: Visualization) -> SharedChart:
    chart = read_chart(visualization.specification)
    return SharedChart(
        title=visualization.title,
        description=visualization.description,
        chart=chart,
        data=chart_data(chart),
        rejected_rows=rejections_left_out(chart.dataset),
    )
