"""Where a row came from and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hrapi.ingestion.models import Batch, RejectedRow, RowChange
from hrapi.tables import Table

MAX_LISTED = 1000


@dataclass(frozen=True)
class Trace:
    """What is known of a row by its id. `batch` and `line` say what brought the row that is stored.

    `changes` and `rejections` are in the order in which they happened, the last thousand of each.
    """

    stored: bool
    batch: Batch | None
    line: int | None
    changes: Sequence[RowChange]
    rejections: Sequence[RejectedRow]

    @property
    def is_empty(self) -> bool:
        return not (self.stored or self.changes or self.rejections)


def trace_row(table: Table, row_id: int) -> Trace:
    """Everything that is known of the row with this id, whether it is stored or ever was."""
    stored = table.model._default_manager.filter(pk=row_id).values("batch_id", "batch_line").first()
    brought_by = stored or {"batch_id": None, "batch_line": None}
    batches = Batch.objects.select_related("user")
    changes = RowChange.objects.select_related("user").filter(table=table.name, row_id=row_id)
    rejections = RejectedRow.objects.select_related("batch__user").filter(
        table=table.name, row_id=row_id
    )
    return Trace(
        stored=stored is not None,
        batch=batches.filter(pk=brought_by["batch_id"]).first(),
        line=brought_by["batch_line"],
        changes=list(changes.order_by("-pk")[:MAX_LISTED])[::-1],
        rejections=list(rejections.order_by("-pk")[:MAX_LISTED])[::-1],
    )
