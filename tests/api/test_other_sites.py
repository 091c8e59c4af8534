"""Pages of other sites cannot use a password that the browser remembers, and sends with Basic by itself."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.api.tokens import make_token
from hrapi.audit.models import AuditEvent
from tests.problem_bodies import assert_problem

DEPARTMENTS = "/api/v1/departments/"
ROW = {"id": 1, "department": "Sales"}

OWN = [
    {},
    {"Origin": "http://testserver"},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://hr.example.com", "Sec-Fetch-Site": "cross-site"},
]
FOREIGN = [
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://testserver"},
    {"Origin": "http://testserver:81"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.fixture(autouse=True)
def trusted(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://hr.example.com"]


@pytest.fixture
def boss(db: None) -> User:
    user = User.objects.create_user("boss", password="a long password")
    user.groups.add(Group.objects.get(name="administrators"))
    return user


def browser(password: str, headers: dict[str, str]) -> APIClient:
    client = APIClient(raise_request_exception=False)
    sent = b64encode(f"boss:{password}".encode()).decode()
    meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    client.credentials(HTTP_AUTHORIZATION=f"Basic {sent}", **meta)
    return client


@pytest.mark.parametrize("headers", OWN)
def test_programs_and_own_pages_may_post(boss: User, headers: dict[str, str]) -> None:
    assert browser("a long password", headers).post(DEPARTMENTS, ROW).status_code == 201


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_sites_may_not(boss: User, headers: dict[str, str]) -> None:
    _, text = make_token(boss)

    for password in ("a long password", text, "wrong"):
        answer = browser(password, headers).post(DEPARTMENTS, ROW)

        problem = assert_problem(answer, 403, "permission_denied")
        assert "Send a token (Authorization: Token …)" in problem["detail"]
    assert not Department.objects.exists()
    assert [event.action for event in AuditEvent.objects.order_by("-pk")[:3]] == ["denied"] * 3


@pytest.mark.parametrize("path", ["auth/login/", "auth/logout/", "auth/tokens/", "batches/1/undo/"])
def test_nor_at_any_other_address(boss: User, path: str) -> None:
    client = browser("a long password", FOREIGN[0])

    answer = client.post(f"/api/v1/{path}", "", content_type="application/x-www-form-urlencoded")

    assert_problem(answer, 403, "permission_denied")


def test_reading_is_no_forgery(boss: User) -> None:
    assert browser("a long password", FOREIGN[0]).get(DEPARTMENTS).status_code == 200


def test_a_token_that_a_page_sends_itself_does(boss: User) -> None:
    _, text = make_token(boss)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {text}", HTTP_ORIGIN="https://evil.example")

    assert client.post(DEPARTMENTS, ROW).status_code == 201
