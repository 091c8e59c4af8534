from __future__ import annotations

from collections.abc import Iterator

import pytest

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
