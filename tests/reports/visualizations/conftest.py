from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def reader(client_of: Any) -> Any:
    """A client of `readers-user`."""
    return client_of("readers")


@pytest.fixture
def other(client_of: Any) -> Any:
    """A client of `loaders-user`, who reads what readers do and the reject log."""
    return client_of("loaders")
