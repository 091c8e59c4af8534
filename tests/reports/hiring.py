"""Hires, and the reports on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from employees.models import Employee

QUARTERLY = "/api/v1/reports/quarterly-hires/"


ABOVE_MEAN = "/api/v1/reports/departments-above-mean/"


BOTH = pytest.mark.parametrize("report", [QUARTERLY, ABOVE_MEAN])


_ids = iter(range(1, 1_000_000))


def hire(hired: str, department: int = 1, job: int = 1) -> None:
    """Stores an employee hired at this moment."""
    Employee.objects.create(
        id=next(_ids),
        name="Ada",
        datetime=datetime.fromisoformat(hired),
        department_id=department,
        job_id=job,
    )


def get(client: Any, report: str, year: int | None = 2021) -> Any:
    response = client.get(report, {} if year is None else {"year": year})
    assert response.status_code == 200, response.content
    return response.json()


def cells(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]
