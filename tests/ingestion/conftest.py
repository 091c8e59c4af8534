from __future__ import annotations

from typing import Any

import pytest

from departments.models import Department
from hrapi import sample_data
from jobs.models import Job
from tests.factories import DepartmentFactory, JobFactory


@pytest.fixture(autouse=True)
def static_files_unread(settings: Any) -> None:
    """Each test client would look through all static files first, for half of the time of a test."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def references(db: None) -> None:
    """What `employee_row()` refers to: department 1 and job 1."""
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1, job="Cook")


@pytest.fixture
def company(db: None) -> None:
    """The departments and jobs that `sample_data.employee_rows` refers to."""
    Department.objects.bulk_create(Department(**row) for row in sample_data.department_rows())
    Job.objects.bulk_create(Job(**row) for row in sample_data.job_rows())
