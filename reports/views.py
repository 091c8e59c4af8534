from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hrapi.api.csv_stream import CSVRenderer, csv_response, is_csv
from hrapi.api.query import check_query, integer
from hrapi.api.renderers import BrowsableRenderer
from hrapi.ingestion.fields import MAX_YEAR, MIN_YEAR
from hrapi.ingestion.models import RejectedRow
from reports.hires import (
    DepartmentAboveMean,
    QuarterlyHires,
    departments_above_mean,
    quarterly_hires,
)

REJECTED_HEADER = "Rejected-Rows-Open"


class ReportView(APIView):
    """A report over one year: a plain array of flat rows, or CSV."""

    required_permission = "reports.view_report"
    renderer_classes = [JSONRenderer, BrowsableRenderer, CSVRenderer]
    name: str
    report: Callable[[int], Sequence[Any]]
    row: type[Any]

    def get(self, request: Request) -> HttpResponseBase:
        check_query(request, known={"year"})
        year = integer(
            request, "year", default=datetime.now(UTC).year, minimum=MIN_YEAR, maximum=MAX_YEAR
        )
        rows = type(self).report(year)
        response: HttpResponseBase
        if is_csv(request):
            response = csv_response(
                file_name=f"{self.name}-{year}.csv", header=self.row._fields, rows=rows
            )
        else:
            response = Response([row._asdict() for row in rows])
        response[REJECTED_HEADER] = str(open_rejections())
        return response


def open_rejections() -> int:
    """How many rejected employee rows nobody has dealt with: the report may lack them."""
    return RejectedRow.objects.filter(table="employees", status=RejectedRow.Status.OPEN).count()


class QuarterlyHiresView(ReportView):
    """Employees hired in each quarter of a year, for each department and job."""

    name = "quarterly-hires"
    report = staticmethod(quarterly_hires)
    row = QuarterlyHires


class DepartmentsAboveMeanView(ReportView):
    """Departments that hired more in a year than the mean over all departments."""

    name = "departments-above-mean"
    report = staticmethod(departments_above_mean)
    row = DepartmentAboveMean
