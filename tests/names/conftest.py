from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.names.canary import client_with, store_names


@pytest.fixture(autouse=True)
def settings_for_walks(settings: Any) -> None:
    """Each test client would look through all static files first; and walks take more than a person reads."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.REPORTS_PER_MINUTE = 100_000


@pytest.fixture(autouse=True)
def db(committed_db: None) -> None:
    """In place of pytest-django's: the worker has connections of its own, and closes those that it finds."""


@pytest.fixture
def names(api: Any) -> None:
    """The name is stored everywhere."""
    store_names(api)


@pytest.fixture
def blind(names: None) -> Client:
    """Of a user who may do everything but see names."""
    return client_with(without="view_names")


@pytest.fixture
def seeing(names: None) -> Client:
    """Of a user who may do everything."""
    return client_with()
