"""With HTTPS=1, over plain http: who reads is led to https, and what would change something is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hrapi.audit.models import AuditEvent
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_reads_is_led_to_https(method: str) -> None:
    answer = Client().generic(method, "/api/v1/departments/?page_size=1")

    assert answer.status_code == 301
    assert answer["Location"] == "https://testserver/api/v1/departments/?page_size=1"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
@pytest.mark.parametrize("path", ["/api/v1/departments/", "/accounts/login/", "/odata/v4/Jobs"])
def test_what_is_no_reading_is_refused(method: str, path: str) -> None:
    answer = Client().generic(method, path, "{}", "application/json", HTTP_ACCEPT="text/html")

    problem = assert_problem(answer, 403, "permission_denied")
    assert problem["detail"].startswith("Nothing was done: send this by https.")
    assert not answer.has_header("Location")
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert [event.action for event in AuditEvent.objects.all()] == ["denied"]


def test_by_https_the_service_answers() -> None:
    assert_problem(Client().post("/api/v1/departments/", secure=True), 401, "not_authenticated")
