"""The OpenAPI description of sending a file to be loaded."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse

from hrapi.api.openapi import csv_text, problem_responses
from hrapi.api.problems import ProblemCode
from hrapi.api.responses import MEDIA_TYPE as PROBLEM
from hrapi.ingestion import idempotency
from hrapi.ingestion import openapi_trace as batch_trace
from hrapi.ingestion.bodies import FORM, unsupported_media_type
from hrapi.ingestion.files import FORMATS, HEADERS
from hrapi.ingestion.models import Batch
from hrapi.ingestion.openapi import IDEMPOTENCY
from hrapi.loads.orders import MAX_ENCODING_CHARACTERS
from hrapi.loads.serializers import LoadDetailSerializer
from hrapi.loads.uploads import file_too_large
from hrapi.tables import all_tables

_LOAD = {
    "id": 7,
    "table": "employees",
    "date": None,
    "file_name": "hired_employees.csv",
    "bytes": 61_840_122,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "format": "csv",
    "delimiter": None,
    "encoding": "utf-8",
    "header": "auto",
    "mode": "partial",
    "dry_run": False,
    "state": "waiting",
    "progress": 0,
    "bytes_read": 0,
    "batch": None,
    "received": 0,
    "inserted": 0,
    "unchanged": 0,
    "rejected": 0,
    "not_attempted": 0,
    "replayed": 0,
    "error_code": None,
    "error_detail": None,
    "user": "ann",
    "created_at": "2022-02-05T02:48:42.317581Z",
    "started_at": None,
    "finished_at": None,
    "rejected_rows_log": None,
    "rejected_rows_file": None,
    "rejected_rows": [],
}
_RUNNING = _LOAD | {
    "state": "running",
    "progress": 40,
    "bytes_read": 24_736_048,
    "batch": 17,
    "received": 400_000,
    "inserted": 400_000,
    "started_at": "2022-02-05T02:48:43.108443Z",
}


def _file_form() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["table", "file"],
        "additionalProperties": False,
        "properties": {
            "table": {"type": "string", "enum": [table.name for table in all_tables()]},
            "file": {
                "type": "string",
                "format": "binary",
                "description": f"CSV or JSON Lines, of at most {settings.MAX_LOAD_BYTES:,} bytes.",
            },
            "format": {
                "type": "string",
                "enum": FORMATS,
                "description": "By default `jsonl` for names that end in `.jsonl` or `.ndjson`, else `csv`.",
            },
            "delimiter": {
                "type": "string",
                "enum": [",", ";", "\t", "|", "comma", "semicolon", "tab", "pipe"],
                "description": "What separates the cells of CSV. Found from the file when it is not given.",
            },
            "encoding": {
                "type": "string",
                "default": "utf-8",
                "maxLength": MAX_ENCODING_CHARACTERS,
                "description": "Of the file, such as `cp1252`.",
            },
            "header": {
                "type": "string",
                "enum": HEADERS,
                "default": "auto",
                "description": "Whether the first line of CSV names the fields; `auto` finds out.",
            },
            "mode": {
                "type": "string",
                "enum": Batch.Mode.values,
                "default": Batch.Mode.PARTIAL.value,
                "description": "`partial` inserts every good row, `atomic` all rows or none.",
            },
            "dry_run": {
                "type": "boolean",
                "default": False,
                "description": "`true` says what would happen and keeps nothing.",
            },
            "force": {
                "type": "boolean",
                "default": False,
                "description": "`true` loads a file again that was loaded before.",
            },
        },
    }


_LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri"},
    OpenApiParameter.HEADER,
    description="The address of the load.",
    response=[200, 202],
)
_REFUSALS = {
    ProblemCode.INVALID_PARAMETER: "mode: 'all' is not known. Choose one of partial, atomic.",
    ProblemCode.UNDECODABLE: "The form does not end with its boundary: it was cut.",
    ProblemCode.BODY_TOO_LARGE: file_too_large().detail,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: unsupported_media_type("text/csv", [FORM]).detail,
    ProblemCode.CONFLICT: "100 files of this user wait to be loaded. Send this one when one of them has begun.",
    ProblemCode.IDEMPOTENCY_IN_PROGRESS: idempotency.IN_PROGRESS,
}
[_MISMATCH] = problem_responses({ProblemCode.IDEMPOTENCY_MISMATCH: idempotency.MISMATCH}).values()


def _load_response(description: str, example: dict[str, Any]) -> OpenApiResponse:
    return OpenApiResponse(
        LoadDetailSerializer,
        description=description,
        examples=[OpenApiExample("A load", value=example)],
    )


CREATE: dict[str, Any] = {
    "summary": "Send a file to be loaded",
    "description": (
        "A worker loads it in transactions of 1,000 rows, as `manage.py load` does; `Location` is where to see how"
        " far it is. The same file (by its SHA-256) for the same table a second time is answered with the first"
        " load and not loaded again, unless that failed or was a dry run, or `force` is `true`."
    ),
    "parameters": [_LOCATION, *IDEMPOTENCY],
    "filters": False,
    "request": {
        FORM: OpenApiRequest(
            _file_form(),
            examples=[
                OpenApiExample("A file", value={"table": "employees", "file": "id,name,datetime,…"})
            ],
        )
    },
    "responses": {
        202: _load_response("It will be loaded", _LOAD),
        200: _load_response("The same file was sent before: its load", _RUNNING),
        (422, PROBLEM): _MISMATCH,
        **problem_responses(_REFUSALS),
    },
}
UNDO: dict[str, Any] = batch_trace.UNDO | {
    "summary": "Undo one load",
    "description": "Undoes the batch of a load that has ended, as `batches/{id}/undo/` does.",
}
CORRECTIONS: dict[str, Any] = {
    "operation_id": "loads_rejected_rows_file",
    "summary": "Read the rejected rows of one load as a file",
    "tags": ["loads"],
    "parameters": [OpenApiParameter("format", exclude=True)],
    "responses": {
        (200, "text/csv"): csv_text(),
        **problem_responses({ProblemCode.CONFLICT: "Load 7 has kept no rejected rows."}),
    },
}
