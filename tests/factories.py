"""Rows for tests: stored ones from factories, and dicts as a client would send them.

Nothing is random; ids and names count up.

    EmployeeFactory()                           stored, with a department and a job of its own
    EmployeeFactory(id=7, department=sales)     stored, in the department given
    department_row()                            {"id": 1000, "department": "Department 1000"}
    employee_row(name="Zoë")                    sent, with department 1 and job 1
    employee_row(id=7, department_id=999)       sent, referring to what may not exist
    [employee_row() for _ in range(1000)]       a full batch
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

import factory
from factory.django import DjangoModelFactory

from departments.models import Department
from employees.models import Employee
from jobs.models import Job

_sent_ids = count(1000)


class DepartmentFactory(DjangoModelFactory[Department]):
    class Meta:
        model = Department

    id = factory.Sequence(lambda number: number + 1)
    department = factory.LazyAttribute(lambda row: f"Department {row.id}")


class JobFactory(DjangoModelFactory[Job]):
    class Meta:
        model = Job

    id = factory.Sequence(lambda number: number + 1)
    job = factory.LazyAttribute(lambda row: f"Job {row.id}")


class EmployeeFactory(DjangoModelFactory[Employee]):
    class Meta:
        model = Employee

    id = factory.Sequence(lambda number: number + 1)
    name = factory.LazyAttribute(lambda row: f"Employee {row.id}")
    datetime = datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)
    department = factory.SubFactory(DepartmentFactory)
    job = factory.SubFactory(JobFactory)


def department_row(**changes: Any) -> dict[str, Any]:
    """A department to send, with an id that no other call got."""
    number = changes.get("id", next(_sent_ids))
    return {"id": number, "department": f"Department {number}"} | changes


def job_row(**changes: Any) -> dict[str, Any]:
    """A job to send, with an id that no other call got."""
    number = changes.get("id", next(_sent_ids))
    return {"id": number, "job": f"Job {number}"} | changes


def employee_row(**changes: Any) -> dict[str, Any]:
    """An employee to send, with an id that no other call got; department 1 and job 1 must exist."""
    number = changes.get("id", next(_sent_ids))
    return {
        "id": number,
        "name": f"Employee {number}",
        "datetime": "2021-07-27T16:02:08Z",
        "department_id": 1,
        "job_id": 1,
    } | changes
