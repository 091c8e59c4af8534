from __future__ import annotations

from collections.abc import Iterator

import pytest

from hrapi import sample_data
from tests.client.serving import Served, served


@pytest.fixture(scope="package")
def one_served() -> Iterator[Served]:
    with served() as service:
        yield service


@pytest.fixture
def service(one_served: Served) -> Served:
    """A service that runs, and holds nothing but its users."""
    one_served.empty()
    return one_served


@pytest.fixture
def filled(service: Served) -> Served:
    """With the departments and jobs of the sample data."""
    with service.installed.connection() as cursor:
        for row in sample_data.department_rows():
            cursor.execute(
                "INSERT INTO departments (id, department) VALUES (%s, %s)", list(row.values())
            )
        for row in sample_data.job_rows():
            cursor.execute("INSERT INTO jobs (id, job) VALUES (%s, %s)", list(row.values()))
    return service
