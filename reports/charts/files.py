"""The numbers of a chart as a file."""

from __future__ import annotations

from django.http import StreamingHttpResponse

from hrapi.api.csv_stream import csv_response
from reports.charts.data import ChartData


def csv_file(data: ChartData, name: str) -> StreamingHttpResponse:
    """The table of the chart, safe to open in a spreadsheet."""
    header, rows = data.table()
    return csv_response(file_name=f"{name}.csv", header=header, rows=rows)
