from __future__ import annotations

from typing import Any

import pytest

# The backups' own: transactions commit, backups go to a temporary directory, or to a server that speaks S3.
from tests.backups.conftest import bucket, credentials, db, place
from tests.factories import DepartmentFactory, JobFactory

__all__ = ["bucket", "credentials", "db", "place"]


@pytest.fixture(autouse=True)
def references(db: None, place: None, settings: Any) -> None:
    """What `employee_row()` refers to, and a place for backups."""
    settings.WHITENOISE_AUTOREFRESH = True
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1, job="Cook")
