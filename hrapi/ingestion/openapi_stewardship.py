"""The OpenAPI description of working off the reject log."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from hrapi.api.openapi import JSON, csv_text, problem_responses
from hrapi.api.problems import ProblemCode
from hrapi.api.responses import MEDIA_TYPE as PROBLEM
from hrapi.ingestion import idempotency
from hrapi.ingestion.bodies import body_too_large, unsupported_media_type
from hrapi.ingestion.openapi import IDEMPOTENCY
from hrapi.ingestion.serializers import FaultSerializer, RejectedRowSerializer
from hrapi.ingestion.stewardship import MAX_IDS, MAX_REASON_CHARACTERS

_FILTER = {
    "type": "object",
    "description": "Which entries: all that fit every part. There must be one at least.",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "table": {"type": "string"},
        "batch": {"type": "integer", "minimum": 1, "description": "The batch that rejected them."},
        "code": {"$ref": "#/components/schemas/RowCode"},
        "field": {
            "type": "string",
            "description": "The field of a fault, of the same one as code and value.",
        },
        "value": {
            "description": "The value of a fault, as the log shows it; of the same one as code and field."
            " Refused to who may not see names."
        },
        "id": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "minItems": 1,
            "maxItems": MAX_IDS,
        },
    },
}
_ORDER = {
    "type": "object",
    "required": ["filter", "reason"],
    "additionalProperties": False,
    "properties": {
        "filter": _FILTER,
        "reason": {"type": "string", "minLength": 1, "maxLength": MAX_REASON_CHARACTERS},
        "dry_run": {"type": "boolean", "default": False},
    },
}
_ORDER_EXAMPLE = {"filter": {"code": "unknown_department", "value": 120}, "reason": "Test data"}
_BULK_CORRECTION = {
    "type": "object",
    "required": ["filter"],
    "additionalProperties": False,
    "properties": {
        "filter": _FILTER,
        "set": {"type": "object", "description": "Fields of the rows; null takes one away."},
        "dry_run": {"type": "boolean", "default": False},
    },
}
_BULK_EXAMPLE = {
    "filter": {"code": "unknown_department", "value": 120},
    "set": {"department_id": 12},
    "dry_run": True,
}
_CORRECTION = {"type": "object", "description": "Fields of the row; null takes one away."}


class ChangedEntriesSerializer(serializers.Serializer[Any]):
    """How many entries of the reject log were changed, and which."""

    dry_run = serializers.BooleanField()
    changed = serializers.IntegerField(min_value=0)
    rejected_rows = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        max_length=MAX_IDS,
        help_text=f"The ids of the first {MAX_IDS:,}.",
    )


class StillOpenSerializer(serializers.Serializer[Any]):
    """An entry whose corrected row is still not right."""

    rejected_row = serializers.IntegerField(min_value=1)
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class ResubmittedSerializer(serializers.Serializer[Any]):
    """What became of the corrected rows."""

    batch = serializers.IntegerField(
        allow_null=True, help_text="The batch that took rows; null of a dry run, or when none was."
    )
    dry_run = serializers.BooleanField()
    resolved = serializers.IntegerField(min_value=0)
    still_open = serializers.IntegerField(min_value=0)
    resolved_rows = serializers.ListField(child=serializers.IntegerField(min_value=1))
    still_open_rows = StillOpenSerializer(many=True)


REFUSALS = {
    ProblemCode.MALFORMED_JSON: "The body is empty. Send one object.",
    ProblemCode.TOO_DEEP: "The JSON is nested too deep.",
    ProblemCode.UNDECODABLE: "The body is not UTF-8.",
    ProblemCode.WRONG_TOP_LEVEL_TYPE: "Send one object with the row's fields.",
    ProblemCode.INVALID_PARAMETER: "There is no parameter 'colour' here. Known are: format.",
    ProblemCode.BODY_TOO_LARGE: body_too_large().detail,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: unsupported_media_type("text/csv", (JSON,)).detail,
}


[MISMATCH] = problem_responses({ProblemCode.IDEMPOTENCY_MISMATCH: idempotency.MISMATCH}).values()


def _operation(summary: str, description: str, **members: Any) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": description,
        "parameters": IDEMPOTENCY,
        "filters": False,
        **members,
    }


def _change(summary: str, description: str, done: int) -> dict[str, Any]:
    value = {"dry_run": False, "changed": done, "rejected_rows": [5, 6][:done]}
    return _operation(
        summary,
        description,
        request={JSON: _ORDER},
        examples=[OpenApiExample("By code and value", value=_ORDER_EXAMPLE, request_only=True)],
        responses={
            200: OpenApiResponse(
                ChangedEntriesSerializer,
                description="Changed",
                examples=[OpenApiExample("Changed", value=value)],
            ),
            **problem_responses(REFUSALS),
            (422, PROBLEM): MISMATCH,
            **problem_responses({ProblemCode.IDEMPOTENCY_IN_PROGRESS: idempotency.IN_PROGRESS}),
        },
    )


DISCARD = _change(
    "Discard rejected rows",
    "Closes open entries whose rows are not wanted. They can be opened again.",
    2,
)
REOPEN = _change(
    "Reopen discarded rows",
    "Opens discarded entries again, but none whose content is open in another entry.",
    1,
)
RESUBMIT_ALL = _operation(
    "Correct and take rejected rows",
    "Lays the fields of `set` over the rows of all open entries that fit, at most 1,000 of one table, and posts"
    " those. Entries whose rows are taken, or are there already, are `resolved`; the others stay as they are.",
    operation_id="rejected_rows_resubmit_all",
    request={JSON: _BULK_CORRECTION},
    examples=[OpenApiExample("By code and value", value=_BULK_EXAMPLE, request_only=True)],
    responses={
        200: OpenApiResponse(ResubmittedSerializer, description="All are resolved, or none fits"),
        207: OpenApiResponse(ResubmittedSerializer, description="Some are still not right"),
        (422, PROBLEM): MISMATCH,
        **problem_responses(
            {**REFUSALS, ProblemCode.BATCH_TOO_LARGE: "More than 1,000 entries fit."}
        ),
        **problem_responses({ProblemCode.IDEMPOTENCY_IN_PROGRESS: idempotency.IN_PROGRESS}),
    },
)
RESUBMIT = _operation(
    "Correct and take one rejected row",
    "Lays the fields sent over the row of an open entry and posts that; null takes a field away. When the row is"
    " taken, or is there already, the entry is `resolved`. Otherwise nothing changes.",
    request={JSON: _CORRECTION},
    examples=[OpenApiExample("A correction", value={"department_id": 12}, request_only=True)],
    responses={
        200: OpenApiResponse(RejectedRowSerializer, description="The entry, resolved"),
        (422, PROBLEM): OpenApiResponse(
            {"oneOf": [{"$ref": "#/components/schemas/UnchangedRow"}, MISMATCH.response]},
            description="The row is still not right; or the key is that of another request",
            examples=MISMATCH.examples,
        ),
        **problem_responses(REFUSALS),
        **problem_responses(
            {
                ProblemCode.CONFLICT: "The entry is resolved already.",
                ProblemCode.IDEMPOTENCY_IN_PROGRESS: idempotency.IN_PROGRESS,
            }
        ),
    },
)
_FILE: dict[str, Any] = {
    "tags": ["rejected rows"],
    "parameters": [OpenApiParameter("format", exclude=True)],
    "responses": {(200, "text/csv"): csv_text()},
}
BATCH_CORRECTIONS: dict[str, Any] = {
    **_FILE,
    "operation_id": "batches_rejected_rows_file",
    "summary": "Read the rejected rows of one batch as a file",
}
CORRECTIONS: dict[str, Any] = {
    **_FILE,
    "operation_id": "rejected_rows_file",
    "summary": "Read the rejected rows that fit a filter as a file",
    "filters": True,
}
