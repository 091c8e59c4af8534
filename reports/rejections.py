"""What reports leave out: rows that were rejected and that nobody has dealt with."""

from __future__ import annotations

from hrapi.ingestion.models import RejectedRow

REJECTED_HEADER = "Rejected-Rows-Open"


def open_rejections(table: str) -> int:
    """How many rejected rows of the table are open: what is made of the table lacks them."""
    return RejectedRow.objects.filter(table=table, status=RejectedRow.Status.OPEN).count()
