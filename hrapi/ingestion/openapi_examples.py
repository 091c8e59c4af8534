"""The examples of the OpenAPI document, made by the code that answers, so that they are what it answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from io import BytesIO, StringIO
from typing import Any

from drf_spectacular.utils import OpenApiExample

from hrapi.api.problems import ProblemCode, ProblemError, problem_body
from hrapi.ingestion.answers import describe_result, summary
from hrapi.ingestion.batches import MAX_BATCH_ROWS, BatchResult
from hrapi.ingestion.bodies import FORM, JSON, ROWS, body_too_large, unsupported_media_type
from hrapi.ingestion.harmless import describe_fault
from hrapi.ingestion.models import Batch
from hrapi.ingestion.parsing.csv_dialect import CsvOptions
from hrapi.ingestion.parsing.csv_rows import read_csv
from hrapi.ingestion.parsing.json_rows import read_json, read_json_value
from hrapi.ingestion.sent import SentRow
from hrapi.ingestion.validation import validate_rows
from hrapi.ingestion.verdicts import Rejection
from hrapi.tables import Table, all_tables

BATCH = 17
_REJECTED_ROW = 5
_BAD_JSON = {
    ProblemCode.MALFORMED_JSON: b'{"id": 1,}',
    ProblemCode.TOO_DEEP: b"[" * 1000 + b"1" + b"]" * 1000,
    ProblemCode.UNDECODABLE: b'{"name": "Jos\xe9"}',
}
_BAD_BATCHES = _BAD_JSON | {
    ProblemCode.WRONG_TOP_LEVEL_TYPE: b"7",
    ProblemCode.EMPTY_BATCH: b"[]",
    ProblemCode.BATCH_TOO_LARGE: b"[" + b"{}," * MAX_BATCH_ROWS + b"{}]",
}

BAD_MODE = f"mode: 'all' is not known. Choose one of {', '.join(Batch.Mode.values)}."
BAD_MEDIA_TYPE = unsupported_media_type("text/plain", ROWS).detail

Examples = list[OpenApiExample]


def row(table: Table) -> Examples:
    return [OpenApiExample("A row", value=table.example_rows[0])]


def posted_json(table: Table) -> Examples:
    return [
        OpenApiExample("Two rows", value=table.example_rows),
        OpenApiExample("One row", value=table.example_rows[0]),
    ]


def posted_csv(table: Table) -> Examples:
    return [OpenApiExample("Two rows", value=csv_of(table))]


def posted_json_lines(table: Table) -> Examples:
    lines = "".join(f"{json.dumps(row)}\n" for row in table.example_rows)
    return [OpenApiExample("Two rows", value=lines)]


def csv_of(table: Table) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, table.fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.example_rows)
    return text.getvalue()


def changed(table: Table, *, is_partial: bool) -> Examples:
    sent = dict(table.example_rows[0])
    if is_partial:
        sent = {table.fields[1]: sent[table.fields[1]]}
    return [OpenApiExample("A changed row", value=sent)]


def inserted(table: Table) -> Examples:
    return [
        OpenApiExample("Two rows", value=describe_result(_result(table, inserted=2))),
        *row(table),
    ]


def nothing_to_do(table: Table) -> Examples:
    dry_run = _result(table, batch_id=None, dry_run=True, inserted=2)
    return [
        OpenApiExample("Two rows again", value=describe_result(_result(table, unchanged=2))),
        OpenApiExample("A dry run", value=describe_result(dry_run)),
        *row(table),
    ]


def partly_rejected(table: Table) -> Examples:
    result = _result(table, inserted=1, rejections=[_rejection(table, index=1)])
    return [OpenApiExample("One of two rows", value=describe_result(result))]


def rejected(table: Table) -> Examples:
    every = _result(table, rejections=[_rejection(table, index=0)])
    atomic = _result(
        table, mode=Batch.Mode.ATOMIC, not_attempted=1, rejections=[_rejection(table, index=1)]
    )
    return [
        OpenApiExample("Every row", value=_rejected_body(every)),
        OpenApiExample("An atomic batch", value=_rejected_body(atomic)),
    ]


def not_changed(table: Table) -> Examples:
    faults = _rejection(table, index=0).faults
    body = problem_body(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code=faults[0].code,
        detail="The row was not changed. `errors` says why.",
        errors=[describe_fault(fault) for fault in faults],
    )
    return [OpenApiExample("A row with a fault", value=body)]


def refusals(table: Table) -> dict[ProblemCode, str]:
    """The codes of a whole request that was refused and recorded, each with a detail that it can have."""

    def bad_header() -> Any:
        sent = BytesIO(",".join([*table.fields, "colour"]).encode())
        return read_csv(sent, fields=table.fields, singular=table.singular, options=CsvOptions())

    return {
        **_details(_BAD_BATCHES, partial(read_json, max_rows=MAX_BATCH_ROWS)),
        ProblemCode.BAD_HEADER: _detail(bad_header),
        ProblemCode.INVALID_PARAMETER: BAD_MODE,
        ProblemCode.BODY_TOO_LARGE: body_too_large().detail,
    }


def change_refusals() -> dict[ProblemCode, str]:
    """The codes of a PUT or PATCH that was refused."""
    return {
        **_details(_BAD_JSON, read_json_value),
        ProblemCode.WRONG_TOP_LEVEL_TYPE: "Send one object with the row's fields.",
        ProblemCode.INVALID_PARAMETER: "There is no parameter 'colour' here. Known are: format.",
        ProblemCode.BODY_TOO_LARGE: body_too_large().detail,
        ProblemCode.UNSUPPORTED_MEDIA_TYPE: unsupported_media_type("text/csv", (JSON, FORM)).detail,
        ProblemCode.CONFLICT: "The body has the id 5, the address 7. An id cannot be changed.",
    }


def referred(table: Table) -> dict[ProblemCode, str]:
    """Why a row cannot be deleted; empty for a table that nothing refers to."""
    for other in all_tables():
        if any(reference.table == table.db_table for reference in other.references):
            detail = f"Rows of {other.db_table} refer to {table.singular} 7. Change or delete them first."
            return {ProblemCode.CONFLICT: detail}
    return {}


def _details(
    bodies: dict[ProblemCode, bytes], read: Callable[[bytes], Any]
) -> dict[ProblemCode, str]:
    return {code: _detail(partial(read, body)) for code, body in bodies.items()}


def _detail(read: Callable[[], Any]) -> str:
    try:
        read()
    except ProblemError as problem:
        return problem.detail
    raise AssertionError("An example of a bad body was read.")


def _result(
    table: Table,
    *,
    mode: Batch.Mode = Batch.Mode.PARTIAL,
    rejections: Sequence[Rejection] = (),
    dry_run: bool = False,
    batch_id: int | None = BATCH,
    inserted: int = 0,
    unchanged: int = 0,
    not_attempted: int = 0,
) -> BatchResult:
    rejected = len(rejections)
    received = inserted + unchanged + rejected + not_attempted
    counts = (received, inserted, unchanged, rejected, not_attempted)
    return BatchResult(table.name, mode, dry_run, batch_id, *counts, rejections=list(rejections))


def _rejection(table: Table, *, index: int) -> Rejection:
    """The rejection of an example row that lacks its last field."""
    content = {**table.example_rows[index], table.fields[-1]: None}
    [checked] = validate_rows(table, [SentRow(index, None, content, content)])
    return Rejection(checked.sent, checked.row_id, checked.faults, _REJECTED_ROW)


def _rejected_body(result: BatchResult) -> dict[str, Any]:
    return problem_body(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code=result.rejections[0].faults[0].code,
        detail=summary(result),
        **describe_result(result),
    )
