"""Browsers that are logged in change nothing for pages of others."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.ingestion.models import Batch
from tests.api.logging_in import PASSWORD, basic, log_in
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(db: None) -> Client:
    """A browser that is logged in and has seen a page with forms."""
    user = User.objects.create_user("browser", password=PASSWORD)
    user.groups.add(Group.objects.get(name="administrators"))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.login(username="browser", password=PASSWORD)
    client.get("/api/v1/departments/", headers={"accept": "text/html"})
    return client


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/api/v1/departments/"),
        ("PUT", "/api/v1/departments/1/"),
        ("PATCH", "/api/v1/departments/1/"),
        ("DELETE", "/api/v1/departments/1/"),
    ],
)
@pytest.mark.parametrize("token", [None, "", "x", "A" * 32, "B" * 64])
def test_a_session_changes_nothing_without_the_token_of_its_forms(
    browser: Client, method: str, path: str, token: str | None
) -> None:
    Department.objects.create(id=1, department="Sales")
    headers = {} if token is None else {"x-csrftoken": token}

    response = browser.generic(
        method,
        path,
        '{"id": 1, "department": "New"}',
        content_type="application/json",
        headers=headers,
    )

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"].startswith("CSRF Failed: ")
    assert list(Department.objects.values_list("id", "department")) == [(1, "Sales")]


def test_a_session_changes_nothing_for_a_page_of_another_origin(browser: Client) -> None:
    response = browser.post(
        "/api/v1/departments/",
        {"id": 1, "department": "x", "csrfmiddlewaretoken": browser.cookies["csrftoken"].value},
        headers={"origin": "https://evil.example"},
    )

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"].startswith("CSRF Failed: Origin checking failed")
    assert Department.objects.count() == 0


@pytest.mark.parametrize(
    "body, media_type, encoding, status",
    [
        pytest.param(b'{"id": 1, "department": "A"}', "application/json", "", 201, id="object"),
        pytest.param(b'[{"id": 1, "department": "A"}]', "application/json", "", 201, id="array"),
        pytest.param(b"id,department\n1,A\n", "text/csv", "", 201, id="CSV"),
        pytest.param(
            gzip.compress(b"id,department\n1,A\n"),
            "text/csv",
            "gzip",
            201,
            id="gzipped CSV",
        ),
    ],
)
def test_a_session_with_the_token_of_its_forms_posts_any_body(
    browser: Client, body: bytes, media_type: str, encoding: str, status: int
) -> None:
    headers = {"x-csrftoken": browser.cookies["csrftoken"].value}
    if encoding:
        headers["content-encoding"] = encoding

    response = browser.generic(
        "POST", "/api/v1/departments/", body, content_type=media_type, headers=headers
    )

    assert response.status_code == status, response.content
    assert list(Department.objects.values_list("id", "department")) == [(1, "A")]


@pytest.mark.parametrize(
    "body, status, code",
    [
        pytest.param("{", 400, "malformed_json", id="malformed"),
        pytest.param("[" * 100_000, 400, "too_deep", id="deep"),
        pytest.param(f"[{'9' * 5000}]", 422, "not_an_object", id="5,000 digits"),
        pytest.param('{"id": 1, "department": "x", "id": 2}', 422, "duplicate_key", id="key twice"),
        pytest.param(" " * 3000, 413, "body_too_large", id="too large"),
    ],
)
def test_a_session_is_told_of_a_bad_body_like_anybody_else(
    browser: Client, settings: Any, body: str, status: int, code: str
) -> None:
    if status == 413:
        settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000

    response = browser.generic(
        "POST",
        "/api/v1/departments/",
        body,
        content_type="application/json",
        headers={"x-csrftoken": browser.cookies["csrftoken"].value},
    )

    problem = assert_problem(response, status, code)
    assert problem["batch"] == Batch.objects.get().pk


def test_tokens_and_passwords_need_no_token_of_forms(ann: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    ann.groups.add(Group.objects.get(name="loaders"))
    token = log_in(client, ann)

    by_token = client.post(
        "/api/v1/jobs/",
        {"id": 1, "job": "Cook"},
        format="json",
        headers={"authorization": f"Token {token}"},
    )
    by_password = client.post(
        "/api/v1/jobs/",
        {"id": 2, "job": "Nurse"},
        format="json",
        headers={"authorization": basic("ann", PASSWORD)},
    )

    assert (by_token.status_code, by_password.status_code) == (201, 201)
