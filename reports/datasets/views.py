"""The endpoints of datasets: the catalogue, and the rows of each as JSON, CSV and XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from hrapi.api.conditional import ConditionalView
from hrapi.api.csv_copy import Cells, copy_response
from hrapi.api.csv_stream import CSVRenderer, is_csv
from hrapi.api.query import check_query
from hrapi.api.renderers import MAX_TABLE_ROWS
from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.json_stream import json_response
from reports.datasets.openapi import CATALOGUE, DatasetSchema
from reports.datasets.parameters import NAMES, period_of
from reports.datasets.period import Period
from reports.datasets.reading import (
    readable_datasets,
    record_names,
    rows_of,
    select,
    visible_columns,
)
from reports.datasets.workbook import MEDIA_TYPE, workbook_response
from reports.rejections import REJECTED_HEADER, rejections_left_out
from reports.sql_views.definitions import view_of

_CELLS = {Type.TEXT: Cells.TEXT, Type.DATETIME: Cells.DATETIME}


class XLSXRenderer(CSVRenderer):
    """Makes `?format=xlsx` known; the view makes the workbook itself."""

    media_type = MEDIA_TYPE
    format = "xlsx"
    charset = None  # type: ignore[assignment]


class DatasetView(ConditionalView):
    """The rows of a dataset, whole: an array of flat rows, CSV, or a workbook of Excel."""

    dataset: Dataset = None  # type: ignore[assignment]
    schema = DatasetSchema()

    @property
    def required_permission(self) -> str:
        return self.dataset.permission

    def get_view_name(self) -> str:
        return self.dataset.title

    def get_view_description(self, html: bool = False) -> str:
        return self.dataset.description

    def get_renderers(self) -> list[BaseRenderer]:
        renderers = super().get_renderers()
        return [*renderers, XLSXRenderer()] if self.offers_csv() else renderers

    def get(self, request: Request) -> HttpResponseBase:
        period = period_of(request, self.dataset.parameters)
        columns = visible_columns(self.dataset, request.user)
        return self.conditional(
            lambda: self.answer(request, period, columns),
            tables=self.dataset.tables,
            key=period,
            holds_names=any(column.personal_to for column in columns),
        )

    def answer(
        self, request: Request, period: Period, columns: Sequence[Column]
    ) -> HttpResponseBase:
        dataset = self.dataset
        names = [column.name for column in columns]
        query = select(dataset, columns, period)
        left_out = rejections_left_out(dataset)
        record_names(columns)
        response: HttpResponseBase
        if is_csv(request):
            cells = [(column.name, _CELLS.get(column.type, Cells.PLAIN)) for column in columns]
            response = copy_response(query, cells, file_name=f"{dataset.name}.csv")
        elif request.accepted_renderer.format == XLSXRenderer.format:
            response = workbook_response(
                columns, rows_of(query), title=dataset.title, file_name=f"{dataset.name}.xlsx"
            )
        elif request.accepted_renderer.format == "json":
            response = json_response(names, rows_of(query))
        else:
            shown = islice(rows_of(query), MAX_TABLE_ROWS + 1)
            response = Response([dict(zip(names, row, strict=True)) for row in shown])
        if left_out is not None:
            response[REJECTED_HEADER] = str(left_out)
        return response


class CatalogueView(APIView):
    """The datasets that you may read: what each column means, and where the rows are."""

    permission_classes = [IsAuthenticated]

    @extend_schema(**CATALOGUE)
    def get(self, request: Request) -> Response:
        check_query(request, known=())
        return Response([_entry(dataset, request) for dataset in readable_datasets(request.user)])


def _entry(dataset: Dataset, request: Request) -> dict[str, Any]:
    columns = visible_columns(dataset, request.user)
    return {
        "name": dataset.name,
        "title": dataset.title,
        "description": dataset.description,
        "key": list(dataset.key),
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "nullable": column.is_nullable,
                "description": column.description,
            }
            for column in columns
        ],
        "parameters": list(NAMES[dataset.parameters]),
        "url": reverse(f"datasets-{dataset.name}", request=request),
        "view": view_of(dataset, columns),
        "odata": reverse(f"odata-{dataset.name}", kwargs={"key": ""}, request=request),
    }
