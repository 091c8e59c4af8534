"""A batch: where it comes from, what became of its rows, and how that is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from hrapi.ingestion.arrivals import look_again
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.validation import Values
from hrapi.ingestion.verdicts import Rejection, Verdicts
from hrapi.ingestion.writing import (
    ACCEPTED,
    CORRECTED,
    close_entries,
    copy_rows,
    history_event,
    log_rejections,
    resolve_rows,
)
from hrapi.tables import Table

MAX_BATCH_ROWS = 1000


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where rows come from and how they are to be taken."""

    source: Batch.Source
    mode: Batch.Mode = Batch.Mode.PARTIAL
    dry_run: bool = False
    user: User | None = None
    file_name: str = ""

    @property
    def user_name(self) -> str | None:
        return None if self.user is None else self.user.get_username()


@dataclass(slots=True)
class BatchResult:
    """What became of a batch. received = inserted + unchanged + rejected + not_attempted, always.

    `rejections` are in the order sent; of a large file only the first thousand.
    """

    table: str
    mode: Batch.Mode
    dry_run: bool
    batch_id: int | None = None
    received: int = 0
    inserted: int = 0
    unchanged: int = 0
    rejected: int = 0
    not_attempted: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    replayed: int = 0
    """Rows that were rejected earlier, and taken in because this batch brought what they refer to."""
    first_row: Values | None = None
    """The first row as it is stored, for the answer to a row that was posted alone."""

    @property
    def counts(self) -> dict[str, int]:
        return {
            "received": self.received,
            "inserted": self.inserted,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "not_attempted": self.not_attempted,
        }

    def add(self, verdicts: Verdicts, *, lightly: bool = False) -> None:
        """Counts what became of further rows. `lightly` keeps of rejected rows only what is answered."""
        self.received += verdicts.received
        self.inserted += len(verdicts.inserts)
        self.unchanged += verdicts.unchanged
        self.rejected += len(verdicts.rejections)
        shown = verdicts.rejections[: MAX_BATCH_ROWS - len(self.rejections)]
        self.rejections.extend(map(Rejection.without_row, shown) if lightly else shown)

    @property
    def is_undone(self) -> bool:
        """Whether nothing is stored because one row of an atomic batch was rejected."""
        return self.mode == Batch.Mode.ATOMIC and self.rejected > 0

    def undo_insertions(self) -> None:
        """Of an atomic batch with rejections nothing is stored: what was not rejected was not attempted."""
        self.not_attempted = self.received - self.rejected
        self.inserted = self.unchanged = 0


def store_verdicts(
    table: Table, verdicts: Verdicts, result: BatchResult, origin: Origin, *, started_at: datetime
) -> int:
    """Writes the batch, what it stores and what it rejects, within a transaction. Returns the id of the batch."""
    result.batch_id = create_batch(
        table, origin, created_at=started_at, finished_at=timezone.now(), **result.counts
    )
    if result.is_undone:
        verdicts.resolve_nothing()
    else:
        copy_rows(table, verdicts.inserts.values(), batch_id=result.batch_id)
        resolve_taken(table, verdicts, result.batch_id, origin)
    look_again(table, verdicts.rejections)
    log_rejections(table, verdicts.rejections, batch_id=result.batch_id, user=origin.user_name)
    return result.batch_id


def resolve_taken(table: Table, verdicts: Verdicts, batch_id: int, origin: Origin) -> None:
    """Closes the open entries of the reject log for rows that are taken.

    Before the rejections of these verdicts are logged: of them, those stay open that came after the row.
    """
    # First, so that they are not closed as any other entry for a row with this id.
    resolve_corrected(table, verdicts.corrected, batch_id, origin)
    if verdicts.may_resolve and (verdicts.inserts or verdicts.found):
        resolve_rows(
            table,
            verdicts.inserts,
            batch=batch_id,
            user=origin.user_name,
            reason=ACCEPTED,
            found=verdicts.found,
            rejected_before=[
                rejection
                for rejection in verdicts.rejections
                if rejection.sent.index < verdicts.first_settled.get(rejection.row_id or 0, -1)
            ],
            stay_open=verdicts.stay_open,
        )


def resolve_corrected(table: Table, entries: Sequence[int], batch_id: int, origin: Origin) -> None:
    """Closes the entries of the reject log that rows of the batch say they correct."""
    event = history_event("resolved", batch=batch_id, user=origin.user_name, reason=CORRECTED)
    close_entries(table, entries, RejectedRow.Status.RESOLVED, event)


def create_batch(table: Table, origin: Origin, **members: Any) -> int:
    batch = Batch.objects.create(
        table=table.name,
        source=origin.source,
        file_name=origin.file_name,
        mode=origin.mode,
        user=origin.user,
        **members,
    )
    return batch.pk
