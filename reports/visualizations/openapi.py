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
    DashboardOrderSerializer,
    DashboardSerializer,
    NewShareSerializer,
    ShareOrderSerializer,
    ShareSerializer,
    VisualizationOrderSerializer,
    VisualizationSerializer,
)

_KEY = OpenApiParameter(
    "chart",
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
    "png": f"{_ADDRESS}/image.png",
    "svg": f"{_ADDRESS}/image.svg",
    "csv": f"{_ADDRESS}/data.csv",
}
_FIGURE = {
    "data": [{"type": "bar", "name": "Hires", "x": ["Q1", "Q2"], "y": [3, 0]}],
    "layout": {"title": {"text": "Hires of 2021"}, "barmode": "group", "meta": {"notes": []}},
}
_DASHBOARD = {
    "id": 3,
    "title": "Hiring",
    "owner": "ann",
    "is_team": True,
    "may_change": True,
    "charts": ["hires-by-department", 7],
    "created_at": "2021-11-07T02:48:42Z",
    "updated_at": "2021-11-07T02:48:42Z",
}
_TOKEN = "kq3V0dX2bq0o7nYyC5dJm1tq0wq8bq6u0S8Y8mZpQ1E"  # noqa: S105  # nosec B105
_SHARE = {
    "id": 5,
    "visualization": 7,
    "created_by": "ann",
    "formats": ["html", "png"],
    "frozen": {
        "taken_at": "2021-11-07T02:48:42.317581Z",
        "data_version": "2af0c2b42f0ec2b0cb8d3e2fbd5a1f7c",
        "sha256": "97f6d3d6b0e0f4b5f9a5a0f3d6a2f6f4b7c8ad8f0c4e1d8b5e1d1f6a5c3b2a10",
    },
    "embed_on": ["https://wiki.example.com"],
    "created_at": "2021-11-07T02:48:42Z",
    "expires_at": "2021-12-07T02:48:42Z",
    "revoked_at": None,
    "last_used_at": None,
}


class VisualizationSchema(ServiceSchema):
    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = super().get_override_parameters()
        return [*found, _KEY] if "{chart}" in self.path else found


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


def image_operation(name: str, media_type: str) -> dict[str, Any]:
    """Of the picture in this format."""
    picture = OpenApiResponse({"type": "string", "format": "binary"}, description="The picture")
    return {
        "operation_id": f"visualization_{name}",
        "summary": f"Read a chart as a picture: {name.upper()}",
        "responses": {(200, media_type): picture, **NOT_MODIFIED},
    }


def _dashboard(description: str) -> OpenApiResponse:
    return OpenApiResponse(
        DashboardSerializer,
        description=description,
        examples=[OpenApiExample("A dashboard", value=_DASHBOARD)],
    )


_BAD_CHARTS = REFUSALS | {
    ProblemCode.INVALID_PARAMETER: "charts: 8: There is nothing at this address."
}

DASHBOARDS: dict[str, Any] = {
    "operation_id": "dashboards",
    "summary": "List the dashboards",
    "responses": DashboardSerializer(many=True),
}
SAVE_DASHBOARD: dict[str, Any] = {
    "operation_id": "save_dashboard",
    "summary": "Save a dashboard",
    "request": {JSON: DashboardOrderSerializer},
    "responses": {201: _dashboard("It is saved"), **problem_responses(_BAD_CHARTS | _TOO_MANY)},
    "examples": [
        OpenApiExample(
            "Two charts",
            value={"title": "Hiring", "charts": ["hires-by-department", 7]},
            request_only=True,
        )
    ],
}
DASHBOARD: dict[str, Any] = {
    "operation_id": "dashboard",
    "summary": "Read one dashboard",
    "responses": {200: _dashboard("The dashboard")},
}
CHANGE_DASHBOARD: dict[str, Any] = {
    "operation_id": "change_dashboard",
    "summary": "Change a dashboard",
    "request": {JSON: DashboardOrderSerializer(partial=True)},
    "responses": {200: _dashboard("The dashboard"), **problem_responses(_BAD_CHARTS)},
    "examples": [OpenApiExample("For the team", value={"is_team": True}, request_only=True)],
}
DELETE_DASHBOARD: dict[str, Any] = {
    "operation_id": "delete_dashboard",
    "summary": "Delete a dashboard",
    "responses": {204: OpenApiResponse(description="It is deleted")},
}
_BAD_SHARE = REFUSALS | {
    ProblemCode.INVALID_PARAMETER: "expires_days: Send a number of days from 1 to 366."
}

SHARES: dict[str, Any] = {
    "operation_id": "shares",
    "summary": "List the links",
    "responses": ShareSerializer(many=True),
}
SHARES_OF_ONE: dict[str, Any] = SHARES | {
    "operation_id": "visualization_shares",
    "summary": "List the links to a chart",
}
MAKE_SHARE: dict[str, Any] = {
    "operation_id": "make_share",
    "summary": "Make a link to a chart",
    "request": {JSON: ShareOrderSerializer},
    "responses": {
        201: OpenApiResponse(
            NewShareSerializer,
            description="The link",
            examples=[
                OpenApiExample(
                    "A frozen link",
                    value=_SHARE
                    | {"url": f"https://hiring.example.com/shared/{_TOKEN}/", "token": _TOKEN},
                )
            ],
        ),
        **problem_responses(
            _BAD_SHARE
            | {ProblemCode.CONFLICT: "There are 1,000 links of this user. Revoke one first."}
        ),
    },
    "examples": [
        OpenApiExample(
            "For a slide", value={"formats": ["html", "png"], "frozen": True}, request_only=True
        )
    ],
}
SHARE: dict[str, Any] = {
    "operation_id": "share",
    "summary": "Read one link",
    "responses": {
        200: OpenApiResponse(
            ShareSerializer,
            description="The link",
            examples=[OpenApiExample("A frozen link", value=_SHARE)],
        )
    },
}
REVOKE: dict[str, Any] = {
    "operation_id": "revoke_share",
    "summary": "Revoke a link",
    "responses": {204: OpenApiResponse(description="The link no longer works")},
}
