"""The OpenAPI description of visualizations, dashboards and the links to them."""

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
    problem_responses,
)
from hrapi.api.problems import ProblemCode
from hrapi.ingestion.openapi_stewardship import REFUSALS
from reports.charts.asked import FILTERS
from reports.datasets.openapi import PARAMETERS
from reports.rejections import REJECTED_HEADER
from reports.visualizations.serializers import (
    VisualizationOrderSerializer,
    VisualizationSerializer,
)

_KEY = OpenApiParameter(
    "key",
    {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
    OpenApiParameter.PATH,
    required=True,
    description="Id of what is saved, or name of a standard chart.",
)
_NUMBERS = {"type": "string", "pattern": "^[0-9]{1,15}(,[0-9]{1,15}){0,99}$"}
_REJECTED = OpenApiParameter(
    REJECTED_HEADER,
    {"type": "integer", "minimum": 0},
    OpenApiParameter.HEADER,
    description="How many rejected rows of the table behind it are still open: it lacks them.",
    response=[200],
)

SPECIFICATION = {
    "dataset": "hires",
    "parameters": {"year": "2021"},
    "filters": {},
    "type": "bar",
    "y": "hires",
    "x": "quarter",
    "aggregate": "sum",
    "options": {"sort": "column", "top": 0, "palette": "okabe-ito", "values": False},
}
_ORDER = {
    "title": "Hires of 2021",
    "is_team": True,
    "specification": {
        "dataset": "hires",
        "parameters": {"year": 2021},
        "type": "bar",
        "x": "quarter",
        "y": "hires",
    },
}
_ADDRESS = "https://hiring.example.com/api/v1/visualizations/7"
_VISUALIZATION = {
    "id": 7,
    "title": "Hires of 2021",
    "description": "",
    "owner": "ann",
    "is_team": True,
    "is_standard": False,
    "may_change": True,
    "specification": SPECIFICATION,
    "created_at": "2021-11-07T02:48:42Z",
    "updated_at": "2021-11-07T02:48:42Z",
    "figure": f"{_ADDRESS}/figure/",
    "csv": f"{_ADDRESS}/data.csv",
}
_FIGURE = {
    "data": [{"type": "bar", "name": "Hires", "x": ["Q1", "Q2"], "y": [3, 0]}],
    "layout": {"title": {"text": "Hires of 2021"}, "barmode": "group", "meta": {"notes": []}},
}


class VisualizationSchema(ServiceSchema):
    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = super().get_override_parameters()
        return [*found, _KEY] if "{key}" in self.path else found


class DrawnSchema(VisualizationSchema):
    """A chart with what can be asked of it; which of that it takes depends on its dataset."""

    def get_override_parameters(self) -> list[Any]:
        asked = [
            OpenApiParameter(name, schema, description=description)
            for name, (schema, description) in PARAMETERS.items()
        ]
        filters = [
            OpenApiParameter(name, _NUMBERS, description="Only these, with commas between them.")
            for name in FILTERS
        ]
        return [
            *super().get_override_parameters(),
            *CONDITIONAL_PARAMETERS,
            *asked,
            *filters,
            _REJECTED,
        ]


def _visualization(description: str) -> OpenApiResponse:
    return OpenApiResponse(
        VisualizationSerializer,
        description=description,
        examples=[OpenApiExample("A chart", value=_VISUALIZATION)],
    )


_BAD = REFUSALS | {ProblemCode.INVALID_PARAMETER: "y: A chart of type bar needs it."}
_TOO_MANY = {ProblemCode.CONFLICT: "There are 1,000 visualizations of this user. Delete one first."}

LIST: dict[str, Any] = {
    "operation_id": "visualizations",
    "summary": "List the charts",
    "responses": VisualizationSerializer(many=True),
}
SAVE: dict[str, Any] = {
    "operation_id": "save_visualization",
    "summary": "Save a chart",
    "request": {JSON: VisualizationOrderSerializer},
    "responses": {201: _visualization("It is saved"), **problem_responses(_BAD | _TOO_MANY)},
    "examples": [OpenApiExample("Hires of 2021", value=_ORDER, request_only=True)],
}
READ: dict[str, Any] = {
    "operation_id": "visualization",
    "summary": "Read one chart",
    "responses": {200: _visualization("The chart")},
}
CHANGE: dict[str, Any] = {
    "operation_id": "change_visualization",
    "summary": "Change a chart",
    "request": {JSON: VisualizationOrderSerializer(partial=True)},
    "responses": {200: _visualization("The chart"), **problem_responses(_BAD)},
    "examples": [
        OpenApiExample("Another title", value={"title": "Hires, 2021"}, request_only=True)
    ],
}
DELETE: dict[str, Any] = {
    "operation_id": "delete_visualization",
    "summary": "Delete a chart",
    "responses": {204: OpenApiResponse(description="It is deleted")},
}
FIGURE: dict[str, Any] = {
    "operation_id": "visualization_figure",
    "summary": "Read a chart as a figure of Plotly",
    "responses": {
        (200, JSON): OpenApiResponse(
            {"type": "object", "required": ["data", "layout"]},
            description="The figure",
            examples=[OpenApiExample("Bars", value=_FIGURE)],
        ),
        **NOT_MODIFIED,
    },
}
CSV_FILE: dict[str, Any] = {
    "operation_id": "visualization_csv",
    "summary": "Read the numbers of a chart as CSV",
    "responses": {(200, CSV): csv_text("Quarter,Hires\nQ1,3\nQ2,0\n"), **NOT_MODIFIED},
}
