"""A user who may read, and a client that nobody is logged in with."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from tests.api.logging_in import PASSWORD


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def ann(db: None) -> User:
    """A user who may read."""
    user = User.objects.create_user("ann", password=PASSWORD)
    user.groups.add(Group.objects.get(name="readers"))
    return user
