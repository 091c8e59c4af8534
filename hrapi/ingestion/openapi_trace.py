"""The OpenAPI description of undoing a batch and of tracing a row."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from hrapi.api.openapi import JSON, ProblemSerializer, problem_responses
from hrapi.api.problems import ProblemCode
from hrapi.api.responses import MEDIA_TYPE as PROBLEM
from hrapi.ingestion.openapi import IDEMPOTENCY
from hrapi.ingestion.openapi_stewardship import MISMATCH, REFUSALS
from hrapi.ingestion.serializers import TraceSerializer
from hrapi.ingestion.undoing import MAX_LISTED

_UNDO = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"dry_run": {"type": "boolean", "default": False}},
}


class UndoneSerializer(serializers.Serializer[Any]):
    """What the undo did, or would do."""

    batch = serializers.IntegerField(help_text="The batch that was undone.")
    undo = serializers.IntegerField(
        allow_null=True, help_text="The batch that records it; null of a dry run or of no effect."
    )
    dry_run = serializers.BooleanField()
    removed = serializers.IntegerField(min_value=0, help_text="Rows that were removed.")
    reopened = serializers.IntegerField(
        min_value=0,
        help_text="Entries of the reject log that it had closed and that are open again.",
    )


class ReferredToSerializer(serializers.Serializer[Any]):
    """A row of the batch that rows of another table refer to."""

    id = serializers.IntegerField()
    by = serializers.CharField(help_text="The other table.")
    rows = serializers.IntegerField(min_value=1, help_text="How many of its rows.")


class NotUndoneSerializer(ProblemSerializer):
    """Why nothing was removed. The lists are there when rows are in use."""

    code = serializers.ChoiceField(
        choices=[ProblemCode.CONFLICT, ProblemCode.IDEMPOTENCY_IN_PROGRESS]
    )
    batch = None  # type: ignore[assignment]
    changed = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        max_length=MAX_LISTED,
        help_text="Ids of rows that were changed since.",
    )
    referred_to = ReferredToSerializer(many=True, required=False)


UNDO: dict[str, Any] = {
    "summary": "Undo one batch",
    "description": "Removes exactly the rows that the batch inserted, and opens again the entries of the reject"
    " log that it closed. Refused when one of its rows was changed since, or is referred to. Needs the permission"
    " to delete rows of the table. The undo is a batch too.",
    "parameters": [*IDEMPOTENCY, OpenApiParameter("dry_run", bool, description="As in the body.")],
    "request": {JSON: _UNDO},
    "filters": False,
    "examples": [OpenApiExample("Only look", value={"dry_run": True}, request_only=True)],
    "responses": {
        200: OpenApiResponse(UndoneSerializer, description="Undone"),
        (409, PROBLEM): OpenApiResponse(NotUndoneSerializer, description="Its rows are in use"),
        (422, PROBLEM): MISMATCH,
        **problem_responses(REFUSALS),
    },
}
TRACE: dict[str, Any] = {
    "summary": "Trace one row",
    "description": "Which batch, file, line and user brought the row, what it was before it was changed or"
    " removed, and when it was rejected. Also for rows that are not stored, if they ever were or were rejected.",
    "filters": False,
    "responses": {200: TraceSerializer},
}
