from __future__ import annotations

from typing import Any

import pytest

from tests.factories import DepartmentFactory, JobFactory
from tests.web_pages.people import Person


@pytest.fixture(autouse=True)
def static_files_unread(settings: Any) -> None:
    """Each test client would look through all static files first, for half of the time of a test."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def references(db: None) -> None:
    """Departments and jobs 1 and 2."""
    for number, department, job in ((1, "Sales", "Cook"), (2, "Legal", "Nurse")):
        DepartmentFactory(id=number, department=department)
        JobFactory(id=number, job=job)


@pytest.fixture
def steward(references: None) -> Person:
    return Person("stewards")
