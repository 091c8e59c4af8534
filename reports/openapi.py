"""The OpenAPI description of reports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from hrapi.api.openapi import (
    CONDITIONAL_PARAMETERS,
    CSV,
    JSON,
    NOT_MODIFIED,
    ServiceSchema,
    csv_text,
)
from hrapi.ingestion.fields import MAX_YEAR, MIN_YEAR
from reports.rejections import REJECTED_HEADER


def open_header(table: str) -> OpenApiParameter:
    """The header that says what an answer made of the table leaves out."""
    return OpenApiParameter(
        REJECTED_HEADER,
        {"type": "integer", "minimum": 0},
        OpenApiParameter.HEADER,
        required=True,
        description=f"How many rejected rows of {table} are still open: the answer lacks them.",
        response=[200],
    )


_EXAMPLE_CELLS = {
    "id": 3,
    "department": "Supply Chain",
    "job": "Recruiter",
    "hired": 45,
    "q1": 3,
    "q2": 0,
    "q3": 2,
    "q4": 1,
}
_PARAMETERS = [
    *CONDITIONAL_PARAMETERS,
    OpenApiParameter(
        "year",
        {"type": "integer", "minimum": MIN_YEAR, "maximum": MAX_YEAR},
        description="The year of the hires, in UTC; the current one when it is not given.",
    ),
    open_header("employees"),
]


class ReportSchema(ServiceSchema):
    """A report: `view.row`, a NamedTuple, is its row."""

    def get_operation_id(self) -> str:
        operation_id: str = super().get_operation_id()
        return operation_id.removesuffix("_retrieve")

    def get_summary(self) -> str:
        summary: str = self.view.name
        return summary

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *_PARAMETERS]

    def get_response_serializers(self) -> Any:
        row = {name: _EXAMPLE_CELLS[name] for name in self.view.row._fields}
        text = "".join(",".join(map(str, line)) + "\n" for line in (row, row.values()))
        rows = OpenApiResponse(
            list[self.view.row],  # type: ignore[name-defined]
            description="The rows",
            examples=[OpenApiExample("One row", value=[row])],
        )
        return {(200, JSON): rows, (200, CSV): csv_text(text), **NOT_MODIFIED}

    def invalid_parameter_detail(self) -> str:
        return f"year: send a whole number from {MIN_YEAR} to {MAX_YEAR}, not '1800'."
