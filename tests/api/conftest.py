"""Users, what they are logged in with, and rows that they look at."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.sample_data import department_rows, job_rows
from jobs.models import Job
from tests.api.browsing import EVIL, browser_of
from tests.api.logging_in import PASSWORD
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def ann(db: None) -> User:
    """A user who may read."""
    user = User.objects.create_user("ann", password=PASSWORD)
    user.groups.add(Group.objects.get(name="readers"))
    return user


@pytest.fixture
def browser(db: None) -> Client:
    return browser_of("browser", group="administrators")


@pytest.fixture
def root(db: None) -> Client:
    """A browser in which somebody is logged in who may do everything in the admin."""
    return browser_of("root", is_staff=True, is_superuser=True)


@pytest.fixture
def sample(db: None) -> None:
    """The departments and jobs that example rows refer to."""
    Department.objects.bulk_create(Department(**row) for row in department_rows())
    Job.objects.bulk_create(Job(**row) for row in job_rows())


@pytest.fixture
def scripts_in_names(db: None) -> None:
    """Rows and entries of the log whose texts are a script and a template."""
    DepartmentFactory(id=1, department=EVIL)
    DepartmentFactory(id=2)
    JobFactory(id=1, job=EVIL)
    EmployeeFactory(id=1, name=EVIL, department_id=1, job_id=1, department=None, job=None)
    batch = Batch.objects.create(
        id=1,
        table="departments",
        source="api",
        mode="partial",
        file_name=EVIL,
        received=1,
        rejected=1,
    )
    RejectedRow.objects.create(
        id=1,
        batch=batch,
        table="departments",
        index=0,
        raw=json.dumps({"id": 3, "department": EVIL}),
        raw_length=1,
        errors=[{"field": EVIL, "code": "unknown_field", "message": EVIL, "value": EVIL}],
        codes=["unknown_field"],
    )
