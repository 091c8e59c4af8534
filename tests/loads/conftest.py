from __future__ import annotations

from typing import Any

import pytest

from tests.factories import DepartmentFactory, JobFactory


@pytest.fixture(autouse=True)
def static_files_unread(settings: Any) -> None:
    """Each test client would look through all static files first, for half of the time of a test."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def db(committed_db: None) -> None:
    """In place of pytest-django's: the worker has connections of its own, and closes those that it finds."""


@pytest.fixture
def references(db: None) -> None:
    """What `employee_row()` refers to: department 1 and job 1."""
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1, job="Cook")
