"""What every answer carries."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.browsing import (
    DEPARTMENTS,
    EMPLOYEES,
    assert_protected,
)
from tests.factories import DepartmentFactory, EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/csv"])
@pytest.mark.parametrize(
    "method, path, status",
    [
        ("get", "/api/v1/", 200),
        ("get", DEPARTMENTS, 200),
        ("get", f"{DEPARTMENTS}1/", 200),
        ("get", "/api/v1/batches/", 200),
        ("get", "/api/v1/rejected-rows/", 200),
        ("get", "/api/v1/reports/quarterly-hires/", 200),
        ("head", EMPLOYEES, 200),
        ("options", EMPLOYEES, 200),
        ("post", DEPARTMENTS, 422),
        ("patch", f"{DEPARTMENTS}1/", 200),
        ("delete", f"{DEPARTMENTS}1/", 204),
        ("get", f"{DEPARTMENTS}?x=1", 400),
        ("get", f"{DEPARTMENTS}9/", 404),
        ("get", "/api/v1/nothing/", 404),
        ("get", "/nothing", 404),
        ("put", DEPARTMENTS, 405),
        ("post", "/healthz", 405),
        ("get", "/accounts/logout/", 405),
        ("get", "/healthz", 200),
        ("get", "/readyz", 200),
        ("get", "/metrics", 200),
        ("get", "/", 302),
        ("get", "/accounts/login/", 200),
        ("get", "/admin/", 302),
        ("get", "/admin/login/", 200),
    ],
)
def test_every_answer_has_the_headers_that_protect_it(
    api: Any, method: str, path: str, status: int, accept: str
) -> None:
    DepartmentFactory(id=1)
    headers = {"accept": accept}
    if (method, accept) == ("delete", "text/html"):
        status = 200  # a page, which has a body
    if method in ("post", "patch", "put"):
        response = getattr(api, method)(path, {}, format="json", headers=headers)
    else:
        response = getattr(api, method)(path, headers=headers)

    assert response.status_code == status
    assert_protected(response)


def test_the_schema_has_the_headers_that_protect_it(api: Any) -> None:
    assert_protected(api.get("/api/v1/schema/"))


@pytest.mark.parametrize("status", [401, 403, 409, 413, 415, 500, 503])
def test_every_refusal_has_the_headers_that_protect_it(
    api: Any, client_of: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    from django.db import OperationalError

    employee = EmployeeFactory()
    row = {"id": 1, "department": "x"}
    if status in (500, 503):
        error = RuntimeError("x") if status == 500 else OperationalError("x")

        def fail(*args: Any) -> Any:
            raise error

        monkeypatch.setattr("hrapi.ingestion.views.ingest_batch", fail)
        response = api.post(DEPARTMENTS, row, format="json")
    elif status == 401:
        response = Client().get(DEPARTMENTS)
    elif status == 403:
        response = client_of("readers").post(DEPARTMENTS, row, format="json")
    elif status == 409:
        response = api.delete(f"{DEPARTMENTS}{employee.department_id}/")
    elif status == 413:
        settings.MAX_BODY_BYTES = 5
        response = api.post(DEPARTMENTS, row, format="json")
    else:
        response = api.post(DEPARTMENTS, "<x/>", content_type="application/xml")

    assert response.status_code == status
    assert_protected(response)


def test_a_new_token_is_kept_by_no_cache() -> None:
    User.objects.create_user("ann", password="p")

    response = Client().post("/api/v1/auth/login/", headers={"authorization": "Basic YW5uOnA="})

    assert response.status_code == 200
    assert_protected(response)


def test_no_answer_allows_another_origin_to_read_it(api: Any) -> None:
    for path in (DEPARTMENTS, "/api/v1/", "/healthz", "/metrics"):
        response = api.get(path, headers={"origin": "https://evil.example"})
        assert not [name for name in response.headers if name.startswith("Access-Control-")]
