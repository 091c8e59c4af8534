"""The service as it is with OAUTH=1, and a client of it. `test_switch.py` shows that the variable does this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient
from rest_framework.views import APIView

from hrapi.api.schema import SchemaView
from hrapi.api.views import DocsView
from hrapi.oauth.authentication import BearerAuthentication

# Read before OAUTH is on: they are those without it, and its own.
from tests.oauth import urls
from tests.oauth.programs import Program, register


@pytest.fixture(autouse=True)
def oauth(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OAUTH = True
    settings.ROOT_URLCONF = urls.__name__
    classes = [*APIView.authentication_classes, BearerAuthentication]
    # Those of drf-spectacular read the setting themselves.
    for view in (APIView, SchemaView, DocsView):
        monkeypatch.setattr(view, "authentication_classes", classes)


@pytest.fixture
def service_account() -> User:
    """A user who may do everything that the API offers."""
    user = User.objects.create_user("payroll")
    user.groups.add(Group.objects.get(name="administrators"))
    return user


@pytest.fixture
def program(service_account: User) -> Program:
    return register(service_account, "ingest", "read", "reports", "stewardship")


@pytest.fixture
def bearer() -> Callable[[str], APIClient]:
    """`bearer(token)` is an API client that sends this access token."""

    def make(token: str) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make
