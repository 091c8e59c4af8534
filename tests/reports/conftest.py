from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory


@pytest.fixture
def hires(db: Any) -> None:
    """In 2021: Sales 3 in Q1 and 1 in Q3, Legal 2 in Q3, Support none. One of 2022 in Support."""
    sales, legal, support = (
        DepartmentFactory(id=number, department=name)
        for number, name in enumerate(("Sales", "Legal", "Support"), start=1)
    )
    job = JobFactory(id=1, job="Clerk")
    for department, year, month in (
        *((sales, 2021, 1),) * 3,
        (sales, 2021, 8),
        *((legal, 2021, 9),) * 2,
        (support, 2022, 5),
    ):
        EmployeeFactory(
            department=department, job=job, datetime=datetime(year, month, 15, tzinfo=UTC)
        )
