"""Browsers of people, and the pages they open."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client

from tests.pages import Page

HTML = {"accept": "text/html"}


DEPARTMENTS, EMPLOYEES = "/api/v1/departments/", "/api/v1/employees/"


EVIL = "<script>alert(1)</script>{{7*7}}"


def browser_of(name: str, *, group: str = "", **flags: bool) -> Client:
    """A browser in which a user of the group is logged in."""
    user = User.objects.create_user(name, password="a long password", **flags)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.login(username=name, password="a long password")
    return client


def send(client: Client, body: Any, *, to: str = DEPARTMENTS, **headers: str) -> Any:
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    return client.post(
        to,
        json.dumps(body),
        content_type="application/json",
        headers={"x-csrftoken": token, **headers},
    )


CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


def open_page(client: Client, path: str) -> Page:
    response = client.get(path, headers=HTML, follow=path == "/admin/login/")
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    return Page(response)


def assert_protected(response: Any) -> None:
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    kept = response["Cache-Control"]
    # What shows no person may be kept by its reader, who asks each time whether it is still so.
    assert "no-store" in kept or (kept == "private, no-cache" and "ETag" in response)
    assert "Server" not in response
    assert "X-Powered-By" not in response
