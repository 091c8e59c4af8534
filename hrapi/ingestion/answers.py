"""What a batch is answered with."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from hrapi.api.problems import problem_body
from hrapi.api.responses import ProblemResponse
from hrapi.ingestion.batches import BatchResult
from hrapi.ingestion.harmless import describe_fault
from hrapi.ingestion.hiding import shown_errors
from hrapi.ingestion.sent import Fault


def answer_status(result: BatchResult) -> HTTPStatus:
    if result.rejected and (result.is_undone or result.rejected == result.received):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if result.rejected:
        return HTTPStatus.MULTI_STATUS
    if result.inserted and not result.dry_run:
        return HTTPStatus.CREATED
    return HTTPStatus.OK


def describe_result(result: BatchResult, *, sees_sent: bool = True) -> dict[str, Any]:
    """```
    {"batch": 17, "table": "employees", "mode": "partial", "dry_run": false,
     "received": 3, "inserted": 1, "unchanged": 1, "rejected": 1, "not_attempted": 0,
     "rejected_rows": [{"index": 2, "line": null, "id": 9, "rejected_row": 5, "errors": [...]}]}
    ```
    Every key is always there; of a dry run `batch` and `rejected_row` are null. `replayed` comes after
    `not_attempted` when rows that were rejected earlier were taken in.

    Who sent rows may see what they held. But a row that came back untouched from the reject log holds what
    somebody else may have sent: without `sees_sent` its faults are told without that.
    """
    return {
        "batch": result.batch_id,
        "table": result.table,
        "mode": result.mode.value,
        "dry_run": result.dry_run,
        **result.counts,
        **({"replayed": result.replayed} if result.replayed else {}),
        "rejected_rows": [
            {
                "index": rejection.sent.index,
                "line": rejection.sent.line,
                "id": rejection.row_id,
                "rejected_row": rejection.rejected_row,
                "errors": shown_errors(
                    rejection.errors, sees_sent=sees_sent or rejection.sent.kept is None
                ),
            }
            for rejection in result.rejections
        ],
    }


def summary(result: BatchResult) -> str:
    """One sentence for a person."""
    kept = " Nothing was kept: this was a dry run." if result.dry_run else ""
    undone = " Nothing was stored: the batch is atomic." if result.is_undone else ""
    replayed = (
        f" {result.replayed:,} rows that were rejected earlier for lack of them were taken in."
        if result.replayed
        else ""
    )
    return (
        f"{result.received:,} received: {result.inserted:,} inserted, {result.unchanged:,} unchanged,"
        f" {result.rejected:,} rejected, {result.not_attempted:,} not attempted.{undone}{kept}{replayed}"
    )


def not_changed(faults: Sequence[Fault], *, sees_sent: bool) -> ProblemResponse:
    """422: for these faults nothing was changed. The row held more than what was sent with this request."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    body = problem_body(
        status=status,
        code=faults[0].code,
        detail="The row was not changed. `errors` says why.",
        errors=shown_errors([describe_fault(fault) for fault in faults], sees_sent=sees_sent),
    )
    return ProblemResponse(body, status=status)
