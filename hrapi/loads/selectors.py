from __future__ import annotations

from typing import Any

from hrapi.ingestion.models import RejectedRow
from hrapi.loads.models import Load


def rejected_rows_of(load: Load, *, at_most: int) -> list[dict[str, Any]]:
    """The first rows of a load that were rejected, as a batch is answered with them."""
    if load.dry_run_answer is not None:
        rejected: list[dict[str, Any]] = load.dry_run_answer["rejected_rows"]
        return rejected
    if not load.counts["rejected"]:
        return []
    entries = RejectedRow.objects.filter(batch=load.batch_id).order_by("id")
    return [
        {
            "index": entry.index,
            "line": entry.line,
            "id": entry.row_id,
            "rejected_row": entry.pk,
            "errors": entry.errors,
        }
        for entry in entries[:at_most]
    ]
