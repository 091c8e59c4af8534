"""Addresses of the tables, rows in them, and what a list has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from departments.models import Department
from employees.models import Employee
from jobs.models import Job
from tests.factories import DepartmentFactory, JobFactory

DEPARTMENTS = "/api/v1/departments/"


JOBS = "/api/v1/jobs/"


EMPLOYEES = "/api/v1/employees/"


TABLES = [DEPARTMENTS, JOBS, EMPLOYEES]


IDS = [2, 3, 5, 7, 11, 13, 9007199254740991]


def store_rows(address: str) -> None:
    """Rows with IDS, stored in another order."""
    for row_id in sorted(IDS, key=str):
        if address == DEPARTMENTS:
            DepartmentFactory(id=row_id)
        elif address == JOBS:
            JobFactory(id=row_id)
        else:
            employee(row_id)


def employee(row_id: int, **changes: Any) -> Employee:
    """An employee of department 1 with job 1, unless said otherwise."""
    for model, field in ((Department, "department"), (Job, "job")):
        number = changes.setdefault(f"{field}_id", 1)
        model.objects.get_or_create(id=number, defaults={field: f"Name {number}"})
    stored = {"name": f"Employee {row_id}", "datetime": datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)}
    return Employee.objects.create(id=row_id, **stored | changes)


def ids_of(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]
