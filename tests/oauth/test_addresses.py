"""What OAUTH=1 adds to the addresses: two, for programs that say who they are, and no third."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as HttpClient

from tests.api.addresses import all_addresses
from tests.factories import EmployeeFactory
from tests.oauth.programs import REVOKE, TOKEN

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def test_two_addresses_are_added(settings: Any) -> None:
    on = set(all_addresses())
    settings.ROOT_URLCONF = "hrapi.urls"

    assert on - set(all_addresses()) == {TOKEN, REVOKE}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_nobody_sees_anything_there_without_credentials(path: str, method: str) -> None:
    EmployeeFactory(name="Ann Secret", department__department="Secret", job__job="Secret")

    response = HttpClient(raise_request_exception=False).generic(method, path)

    expected = {"POST": 400, "OPTIONS": 200}.get(method, 405)
    assert response.status_code == expected
    assert b"Secret" not in response.content
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert "text/html" not in response["Content-Type"] or not response.content
