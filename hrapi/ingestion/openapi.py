"""The OpenAPI description of the endpoints that every table has. It reads the registry and names no table."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, OpenApiRequest, OpenApiResponse
from pydantic import create_model

from hrapi.api.openapi import (
    CSV,
    JSON,
    Responses,
    ServiceSchema,
    csv_text,
    problem_responses,
)
from hrapi.api.problems import ProblemCode
from hrapi.api.responses import MEDIA_TYPE as PROBLEM
from hrapi.ingestion import idempotency
from hrapi.ingestion import openapi_examples as examples
from hrapi.ingestion.batches import MAX_BATCH_ROWS
from hrapi.ingestion.bodies import FORM, JSON_LINES
from hrapi.ingestion.models import Batch
from hrapi.ingestion.openapi_answers import (
    BatchAnswerSerializer,
    RejectedBatchSerializer,
    UnchangedRowSerializer,
)
from hrapi.ingestion.row import Row
from hrapi.tables import Table

_POST_DESCRIPTION = """

An array, CSV or JSON Lines is answered with what became of its rows, an object or a form with the row. The body
may be gzipped: `Content-Encoding: gzip`. A form holds either the fields of a row or a CSV file as `file`.

* **201**: every row was inserted or was there already, at least one was inserted.
* **200**: nothing to do, or a dry run without rejections.
* **207**: some rows were rejected, the others are stored.
* **422**: every row was rejected; or `mode=atomic`, and at least one was. Nothing was stored.

An id may also be sent as a text of digits. Texts are trimmed and stored in Unicode NFC; they must not hold
control characters. Years in UTC lie between 1900 and 2100."""

_QUERY = [
    OpenApiParameter(
        "mode",
        enum=Batch.Mode.values,
        default=Batch.Mode.PARTIAL.value,
        description="`partial` inserts every good row, `atomic` all rows or none.",
    ),
    OpenApiParameter(
        "dry_run", bool, default=False, description="`true` answers the same and keeps nothing."
    ),
    OpenApiParameter(
        "delimiter",
        enum=[",", ";", "\t", "|", "comma", "semicolon", "tab", "pipe"],
        description="What separates the cells of CSV. Found from the file when it is not given.",
    ),
    OpenApiParameter(
        "header",
        enum=["auto", "present", "absent"],
        default="auto",
        description="Whether the first line of CSV names the fields; `auto` finds out.",
    ),
    OpenApiParameter(
        "first_line",
        {"type": "integer", "minimum": 1, "maximum": 999_999_999},
        description="The line of a file in which the first row stands, when CSV or JSON Lines are a part of that"
        " file: lines are then told, and kept, as those of the file.",
    ),
]
_LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri"},
    OpenApiParameter.HEADER,
    description="The address of the row, when one row was sent by itself.",
    response=[201],
)
IDEMPOTENCY = [
    OpenApiParameter(
        idempotency.HEADER,
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        OpenApiParameter.HEADER,
        description="Of one request, such as a UUID. Sent again with it, the request is not carried out again"
        " but answered as the first time, as JSON.",
    ),
    OpenApiParameter(
        idempotency.REPLAYED,
        {"const": "true"},
        OpenApiParameter.HEADER,
        description="There when this is the answer to an earlier request with the same key.",
        response=[int(status) for status in sorted(idempotency.VERDICTS)],
    ),
    OpenApiParameter(
        "Retry-After",
        int,
        OpenApiParameter.HEADER,
        description="Seconds to wait, when a request with this key is being carried out.",
        response=[409],
    ),
]


@cache
def _shown_row(table: Table) -> type[Row]:
    """The schema of rows as they are read: without the personal fields for who may not see them."""
    if not table.personal_fields:
        return table.row

    def make_absent(schema: dict[str, Any]) -> None:
        schema["required"] = [
            name for name in schema["required"] if name not in table.personal_fields
        ]
        for name in table.personal_fields:
            schema["properties"][name]["description"] += (
                f" Absent for who lacks the right `{table.names_permission}`."
            )

    shown: Any = create_model(f"{table.row.__name__}Shown", __base__=table.row)
    shown.__doc__ = table.row.__doc__
    shown.model_config["json_schema_extra"] = make_absent
    return cast("type[Row]", shown)


class RowsSchema(ServiceSchema):
    """The operations of one table."""

    @property
    def table(self) -> Table:
        table: Table = self.view.table
        return table

    def get_description(self) -> str:  # type: ignore[override]
        extra = _POST_DESCRIPTION if self.view.action == "create" else ""
        return super().get_description() + extra

    def get_override_parameters(self) -> list[Any]:
        extra = [*_QUERY, _LOCATION, *IDEMPOTENCY] if self.view.action == "create" else []
        return [*super().get_override_parameters(), *extra]

    def invalid_parameter_detail(self) -> str:
        if self.view.action == "create":
            return examples.BAD_MODE
        return super().invalid_parameter_detail()

    def get_request_serializer(self) -> Any:
        table = self.table
        if self.view.action == "create":
            return {
                JSON: OpenApiRequest(self._rows_schema(), examples=examples.posted_json(table)),
                CSV: OpenApiRequest({"type": "string"}, examples=examples.posted_csv(table)),
                JSON_LINES: OpenApiRequest(
                    {"type": "string"}, examples=examples.posted_json_lines(table)
                ),
                FORM: OpenApiRequest(self._form_schema(), examples=examples.row(table)),
            }
        if self.view.action in ("update", "partial_update"):
            is_partial = self.view.action == "partial_update"
            schema = self._change_schema(is_partial=is_partial)
            sent = examples.changed(table, is_partial=is_partial)
            return {media: OpenApiRequest(schema, examples=sent) for media in (JSON, FORM)}
        return None

    def get_response_serializers(self) -> Any:
        table = self.table
        shown = _shown_row(table)
        row = OpenApiResponse(shown, description="The row", examples=examples.row(table))
        if self.view.action == "list":
            page = OpenApiResponse(shown, description="The rows", examples=examples.row(table))
            return {(200, JSON): page, (200, CSV): csv_text(examples.csv_of(table))}
        if self.view.action == "create":
            return self._post_responses()
        if self.view.action == "destroy":
            deleted = {204: OpenApiResponse(description="Deleted")}
            return {**deleted, **problem_responses(examples.referred(table))}
        if self.view.action in ("update", "partial_update"):
            return {200: row, **self._change_problems()}
        return {200: row}

    def _post_responses(self) -> dict[Any, Any]:
        table = self.table
        [mismatch] = problem_responses(
            {ProblemCode.IDEMPOTENCY_MISMATCH: idempotency.MISMATCH}
        ).values()
        batch = self.resolve_serializer(RejectedBatchSerializer, "response").ref
        rejected = OpenApiResponse(
            {"oneOf": [batch, mismatch.response]},
            description="Every row was rejected, or the batch is atomic and one was; or another request's key",
            examples=[*examples.rejected(table), *mismatch.examples],
        )
        return {
            200: self._taken("Nothing was inserted", examples.nothing_to_do(table)),
            201: self._taken("Inserted", examples.inserted(table)),
            207: OpenApiResponse(
                BatchAnswerSerializer,
                description="Some rows were rejected",
                examples=examples.partly_rejected(table),
            ),
            (422, PROBLEM): rejected,
            **problem_responses(examples.refusals(table), batch=examples.BATCH),
            **problem_responses({ProblemCode.UNSUPPORTED_MEDIA_TYPE: examples.BAD_MEDIA_TYPE}),
            **problem_responses({ProblemCode.IDEMPOTENCY_IN_PROGRESS: idempotency.IN_PROGRESS}),
        }

    def _taken(self, description: str, shown: list[Any]) -> OpenApiResponse:
        answer = self.resolve_serializer(BatchAnswerSerializer, "response").ref
        return OpenApiResponse(
            {"oneOf": [answer, self._row_reference()]}, description=description, examples=shown
        )

    def _change_problems(self) -> Responses:
        unchanged = OpenApiResponse(
            UnchangedRowSerializer,
            description="The row was not changed",
            examples=examples.not_changed(self.table),
        )
        return {(422, PROBLEM): unchanged, **problem_responses(examples.change_refusals())}

    def _row_reference(self) -> dict[str, Any]:
        # drf-spectacular describes pydantic models too, though its types do not say so.
        row: Any = self.table.row
        reference: dict[str, Any] = self.resolve_serializer(row, "response").ref
        return reference

    def _rows_schema(self) -> dict[str, Any]:
        row = self._row_reference()
        rows = {"type": "array", "items": row, "minItems": 1, "maxItems": MAX_BATCH_ROWS}
        return {"oneOf": [rows, row]}

    def _form_schema(self) -> dict[str, Any]:
        """The fields of one row, or a file and nothing else."""
        row = self.table.row.model_json_schema()
        file = {"type": "string", "format": "binary", "description": "A CSV file."}
        of_file = {"type": "object", "properties": {"file": file}, "additionalProperties": False}
        return {
            "oneOf": [
                {
                    key: row[key]
                    for key in ("type", "properties", "required", "additionalProperties")
                },
                of_file | {"required": ["file"]},
            ]
        }

    def _change_schema(self, *, is_partial: bool) -> dict[str, Any]:
        """The id may be left out, as it stands in the address. PATCH takes any of the fields."""
        row = self.table.row.model_json_schema()
        required = {} if is_partial else {"required": list(self.table.fields[1:])}
        return {key: row[key] for key in ("type", "properties", "additionalProperties")} | required
