"""Rows to be sent, and what answers and entries say of them."""

from __future__ import annotations

from typing import Any

from hrapi.ingestion.models import RejectedRow

ADA = {
    "id": 7,
    "name": "Ada Byron",
    "datetime": "2021-11-07T02:48:42Z",
    "department_id": 1,
    "job_id": 1,
}


def counts(answer: dict[str, Any]) -> list[int]:
    names = ("received", "inserted", "unchanged", "rejected", "not_attempted")
    return [answer[name] for name in names]


def statuses() -> list[str]:
    return list(RejectedRow.objects.order_by("id").values_list("status", flat=True))
