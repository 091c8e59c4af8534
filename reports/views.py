from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponseBase
from django.utils.text import slugify
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.conditional import ConditionalView
from hrapi.api.csv_stream import csv_response, is_csv
from hrapi.api.query import check_query
from reports.datasets.definition import Dataset
from reports.datasets.hires import DEPARTMENTS_ABOVE_MEAN, QUARTERLY_HIRES
from reports.datasets.parameters import year_of
from reports.hires import (
    DepartmentAboveMean,
    QuarterlyHires,
    departments_above_mean,
    quarterly_hires,
)
from reports.openapi import ReportSchema
from reports.rejections import REJECTED_HEADER, open_rejections


class ReportView(ConditionalView):
    """A report over one year: a plain array of flat rows, or CSV."""

    required_permission = "reports.view_report"
    schema = ReportSchema()
    name: str
    dataset: Dataset
    report: Callable[[int], Sequence[Any]]
    row: type[Any]

    def get(self, request: Request) -> HttpResponseBase:
        check_query(request, known={"year"})
        year = year_of(request, default=datetime.now(UTC).year)
        return self.conditional(lambda: self.answer(year), tables=self.dataset.tables, key=year)

    def answer(self, year: int) -> HttpResponseBase:
        rows = type(self).report(year)
        response: HttpResponseBase
        if is_csv(self.request):
            response = csv_response(
                file_name=f"{slugify(self.name)}-{year}.csv", header=self.row._fields, rows=rows
            )
        else:
            response = Response([row._asdict() for row in rows])
        response[REJECTED_HEADER] = str(open_rejections("employees"))
        return response


class QuarterlyHiresView(ReportView):
    """Employees hired in each quarter of a year, for each department and job."""

    name = "Quarterly hires"
    dataset = QUARTERLY_HIRES
    report = staticmethod(quarterly_hires)
    row = QuarterlyHires


class DepartmentsAboveMeanView(ReportView):
    """Departments that hired more in a year than the mean over all departments."""

    name = "Departments above the mean"
    dataset = DEPARTMENTS_ABOVE_MEAN
    report = staticmethod(departments_above_mean)
    row = DepartmentAboveMean
