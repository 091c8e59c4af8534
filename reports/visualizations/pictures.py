from __future__ import annotations

from typing import Literal

from django.http import HttpResponse

from reports.charts.data import ChartData
from reports.charts.definition import Chart

_MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


def picture(
    chart: Chart,
    data: ChartData,
    title: str,
    format: Literal["png", "svg"],  # noqa: A002 - what it is called everywhere
    rejected_rows: int | None,
) -> HttpResponse:
    """The chart as a picture, in an answer."""
    # matplotlib takes a second to be there, which nobody shall wait for who draws nothing.
    from reports.charts.images import image

    content = image(chart, data, title=title, format=format, rejected_rows=rejected_rows)
    response = HttpResponse(content, content_type=_MEDIA_TYPES[format])
    # Opened by itself, SVG is a document.
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    return response
