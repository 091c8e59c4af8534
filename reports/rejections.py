"""What reports leave out: rows that were rejected and that nobody has dealt with."""

from __future__ import annotations

from hrapi.ingestion.models import RejectedRow
from reports.datasets.definition import Dataset

REJECTED_HEADER = "Rejected-Rows-Open"


def open_rejections(table: str) -> int:
    """How many rejected rows of the table are open: what is made of the table lacks them."""
    return RejectedRow.objects.filter(table=table, status=RejectedRow.Status.OPEN).count()


def rejections_left_out(dataset: Dataset) -> int | None:
    """How many rows the dataset lacks because they were rejected; None where it is not made of a table."""
    return open_rejections(dataset.leaves_out) if dataset.leaves_out else None
