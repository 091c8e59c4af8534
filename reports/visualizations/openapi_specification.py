"""The OpenAPI description of a specification. It describes; `read_chart` reads."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reports.charts.definition import Aggregate, ChartType, Palette, Sort
from reports.charts.specification import MAX_COLUMNS, MAX_TOP, MAX_X

_TEXT = {"type": "string"}


def _one_of(choices: type[StrEnum]) -> dict[str, Any]:
    return {"type": "string", "enum": [choice.value for choice in choices]}


def _columns(most: int) -> dict[str, Any]:
    several = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": most}
    return {"oneOf": [_TEXT, several]}


_SPECIFICATION: dict[str, Any] = {
    "type": "object",
    "description": "docs/charts.md says what goes together.",
    "required": ["dataset", "type"],
    "additionalProperties": False,
    "properties": {
        "dataset": _TEXT,
        "parameters": {"type": "object"},
        "filters": {"type": "object"},
        "type": _one_of(ChartType),
        "x": _columns(MAX_X),
        "y": _TEXT,
        "color": _TEXT,
        "line": _TEXT,
        "columns": _columns(MAX_COLUMNS),
        "aggregate": _one_of(Aggregate),
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "sort": _one_of(Sort),
                "top": {"type": "integer", "minimum": 0, "maximum": MAX_TOP},
                "palette": _one_of(Palette),
                "values": {"type": "boolean"},
            },
        },
    },
}


@extend_schema_field(_SPECIFICATION)
class SpecificationField(serializers.DictField):
    """A specification of a chart."""
