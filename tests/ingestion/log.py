"""Batches and entries of the reject log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hrapi.ingestion.models import Batch, RejectedRow

BATCHES = "/api/v1/batches/"


REJECTED_ROWS = "/api/v1/rejected-rows/"


MOMENT = datetime(2021, 7, 27, 16, 2, 8, 5, tzinfo=UTC)


def batch(**changes: Any) -> Batch:
    stored: dict[str, Any] = {
        "table": "employees",
        "source": "api",
        "mode": "partial",
        "created_at": MOMENT,
        "finished_at": MOMENT,
        "undoes": None,
        "removed": 0,
        "undone_by": None,
    }
    return Batch.objects.create(**stored | changes)


def fault(field: str | None, code: str) -> dict[str, Any]:
    return {"field": field, "code": code, "message": "Wrong.", "value": None}


def rejected_row(of: Batch, *, raw: Any = "{}", codes: tuple[str, ...] = ("required",)) -> Any:
    """An entry of the log; `raw` as a text is kept as it is, anything else as JSON."""
    text = raw if isinstance(raw, str) else json.dumps(raw)
    number = RejectedRow.objects.count()
    entry = RejectedRow.objects.create(
        batch=of,
        table=of.table,
        index=number,
        raw=text,
        raw_length=len(text),
        errors=[fault("name", code) for code in codes],
        codes=list(codes),
        content_hash=f"{number:064}",
    )
    RejectedRow.objects.filter(pk=entry.pk).update(created_at=MOMENT)
    return entry
