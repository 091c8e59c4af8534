"""The OpenAPI description of datasets, made from their definitions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from hrapi.api.openapi import (
    CONDITIONAL_PARAMETERS,
    CSV,
    JSON,
    NOT_MODIFIED,
    ServiceSchema,
    csv_text,
)
from hrapi.ingestion.fields import MAX_YEAR, MIN_YEAR
from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.parameters import MAX_LAST_DAYS, NAMES
from reports.datasets.reading import MAX_ROWS_OF_ZEROS
from reports.datasets.workbook import MEDIA_TYPE
from reports.openapi import open_header

_TYPES: dict[Type, dict[str, Any]] = {
    Type.INTEGER: {"type": "integer"},
    Type.NUMBER: {"type": "number"},
    Type.TEXT: {"type": "string"},
    Type.DATETIME: {"type": "string", "format": "date-time"},
    Type.DATE: {"type": "string", "format": "date"},
}
_YEAR = {"type": "integer", "minimum": MIN_YEAR, "maximum": MAX_YEAR}
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "year": (_YEAR, "The year of the hires, in UTC."),
    "from_year": (_YEAR, "The first year of the hires, in UTC."),
    "to_year": (_YEAR, "The last year of the hires, in UTC."),
    "date": (
        {
            "type": "string",
            "format": "date",
            "pattern": "^(19[0-9]{2}|20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}$",
        },
        "The day of the hires, in UTC.",
    ),
    "last_days": (
        {"type": "integer", "minimum": 1, "maximum": MAX_LAST_DAYS},
        "Hires of so many days, the last of which is today, in UTC.",
    ),
    "zeros": (
        {"type": "string", "enum": ["false", "true"], "default": "false"},
        "Whether months, departments and jobs without a hire are rows too; with a period only, and up to"
        f" {MAX_ROWS_OF_ZEROS:,} rows.",
    ),
}


def row_schema(dataset: Dataset) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {column.name: _column_schema(column) for column in dataset.columns},
        "required": [column.name for column in dataset.columns if not column.personal_to],
        "additionalProperties": False,
    }


def _column_schema(column: Column) -> dict[str, Any]:
    schema = dict(_TYPES[column.type])
    if column.is_nullable:
        schema["type"] = [schema["type"], "null"]
    absent = (
        f" Absent for who lacks the right `{column.personal_to}.view_names`."
        if column.personal_to
        else ""
    )
    return schema | {"description": column.description + absent}


class DatasetSchema(ServiceSchema):
    """The rows of `view.dataset`."""

    @property
    def dataset(self) -> Dataset:
        dataset: Dataset = self.view.dataset
        return dataset

    def get_operation_id(self) -> str:
        return f"datasets_{self.dataset.view_name}"

    def get_summary(self) -> str:
        return f"Read {self.dataset.title[0].lower()}{self.dataset.title[1:]}"

    def get_description(self) -> str:  # type: ignore[override]
        key = ", ".join(f"`{name}`" for name in self.dataset.key)
        return f"{self.dataset.description}\n\nWhole, in one answer. The key is {key}."

    def get_override_parameters(self) -> list[Any]:
        asked = [
            OpenApiParameter(name, PARAMETERS[name][0], description=PARAMETERS[name][1])
            for name in NAMES[self.dataset.parameters]
        ]
        left_out = self.dataset.leaves_out
        return [*super().get_override_parameters(), *CONDITIONAL_PARAMETERS, *asked] + (
            [open_header(left_out)] if left_out else []
        )

    def get_response_serializers(self) -> Any:
        rows = OpenApiResponse(
            {"type": "array", "items": row_schema(self.dataset)}, description="The rows"
        )
        header = ",".join(column.name for column in self.dataset.columns)
        workbook = OpenApiResponse({"type": "string", "format": "binary"}, description="The rows")
        return {
            (200, JSON): rows,
            (200, CSV): csv_text(f"{header}\n"),
            (200, MEDIA_TYPE): workbook,
            **NOT_MODIFIED,
        }

    def invalid_parameter_detail(self) -> str:
        return "format: choose one of json, api, csv, xlsx."


class _ColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=list(Type))
    nullable = serializers.BooleanField()
    description = serializers.CharField()


class _DatasetSerializer(serializers.Serializer[Any]):
    """A dataset: its columns, its key, and where its rows are: an address, and a view of the database."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    key = serializers.ListField(child=serializers.CharField())
    columns = _ColumnSerializer(many=True)
    parameters = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField()
    view = serializers.CharField()
    odata = serializers.URLField(help_text="The entity set of OData with the same rows.")


CATALOGUE: dict[str, Any] = {
    "operation_id": "datasets",
    "summary": "List the datasets",
    "responses": _DatasetSerializer(many=True),
}
