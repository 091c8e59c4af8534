"""A data directory of its own for every test of the private server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.embedded_postgres.harness import Place, place


@pytest.fixture
def home() -> Iterator[Place]:
    with place() as found:
        yield found
