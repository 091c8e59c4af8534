"""A chart drawn with the numbers of today: as a figure of Plotly, a picture, and a file."""

from __future__ import annotations

import json
from typing import Literal

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.conditional import ConditionalView
from hrapi.api.renderers import PlainJSONRenderer
from reports.charts.asked import with_asked
from reports.charts.counting import chart_data
from reports.charts.data import ChartData
from reports.charts.definition import Chart
from reports.charts.figures import figure
from reports.charts.files import csv_file
from reports.rejections import REJECTED_HEADER, rejections_left_out
from reports.visualizations.openapi import CSV_FILE, FIGURE, DrawnSchema, image_operation
from reports.visualizations.pictures import picture
from reports.visualizations.selectors import Shown, find


class DrawnView(ConditionalView):
    """A chart, with the period and the filters that are asked for."""

    required_permission = "visualizations.view_visualization"
    schema = DrawnSchema()
    renderer_classes = [JSONRenderer]

    def offers_csv(self) -> bool:
        """Each form has an address of its own."""
        return False

    def drawn(self, request: Request, key: str) -> HttpResponseBase:
        shown = find(request.user, key)
        chart = with_asked(shown.chart, request.query_params)
        return self.conditional(
            lambda: self.counted(shown, chart),
            tables=chart.dataset.tables,
            key=(shown.title, json.dumps(chart.as_json(), sort_keys=True), chart.period),
        )

    def counted(self, shown: Shown, chart: Chart) -> HttpResponseBase:
        rejected_rows = rejections_left_out(chart.dataset)
        response = self.answer(shown, chart, chart_data(chart), rejected_rows)
        if rejected_rows is not None:
            response[REJECTED_HEADER] = str(rejected_rows)
        return response

    def answer(
        self, shown: Shown, chart: Chart, data: ChartData, rejected_rows: int | None
    ) -> HttpResponseBase:
        raise NotImplementedError


class FigureView(DrawnView):
    """The chart as a figure of Plotly: `plotly.graph_objects.Figure(response.json())` draws it."""

    renderer_classes = [PlainJSONRenderer]

    @extend_schema(**FIGURE)
    def get(self, request: Request, chart: str) -> HttpResponseBase:
        return self.drawn(request, chart)

    def answer(
        self, shown: Shown, chart: Chart, data: ChartData, rejected_rows: int | None
    ) -> HttpResponseBase:
        return Response(figure(chart, data, title=shown.title))


class DataView(DrawnView):
    """The numbers of the chart as CSV: the table that stands under it."""

    @extend_schema(**CSV_FILE)
    def get(self, request: Request, chart: str) -> HttpResponseBase:
        return self.drawn(request, chart)

    def answer(
        self, shown: Shown, chart: Chart, data: ChartData, rejected_rows: int | None
    ) -> HttpResponseBase:
        return csv_file(data, f"chart-{shown.key}")


class ImageView(DrawnView):
    image_format: Literal["png", "svg"]

    def answer(
        self, shown: Shown, chart: Chart, data: ChartData, rejected_rows: int | None
    ) -> HttpResponseBase:
        return picture(chart, data, shown.title, self.image_format, rejected_rows)


class PNGView(ImageView):
    """The chart as a picture for documents and mail."""

    image_format = "png"

    @extend_schema(**image_operation("png", "image/png"))
    def get(self, request: Request, chart: str) -> HttpResponseBase:
        return self.drawn(request, chart)


class SVGView(ImageView):
    """The chart as a picture of any size."""

    image_format = "svg"

    @extend_schema(**image_operation("svg", "image/svg+xml"))
    def get(self, request: Request, chart: str) -> HttpResponseBase:
        return self.drawn(request, chart)
