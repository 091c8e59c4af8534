"""The way to the login page, in, and out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.browsing import (
    DEPARTMENTS,
    HTML,
    open_page,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db


def test_a_browser_without_a_login_is_shown_the_way_to_it(db: None) -> None:
    response = Client().get(DEPARTMENTS, headers=HTML)

    assert response.status_code == 401
    assert "/accounts/login/?next=/api/v1/departments/" in Page(response).links


def log_in(client: Client, **fields: str) -> Any:
    User.objects.create_user("ann", password="a long password")
    query = f"?next={fields['next']}" if "next" in fields else ""
    page = open_page(client, f"/accounts/login/{query}")
    [form] = page.forms
    return client.post(
        form.attributes.get("action") or "/accounts/login/", form.fields | fields, headers=HTML
    )


def test_the_login_page_leads_to_where_somebody_wanted_to_go(db: None) -> None:
    client = Client(enforce_csrf_checks=True)

    response = log_in(
        client, username="ann", password="a long password", next="/api/v1/departments/?page_size=5"
    )

    assert response.status_code == 302
    assert response["Location"] == "/api/v1/departments/?page_size=5"
    assert client.get("/api/v1/").status_code == 200
    cookie = response.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_the_login_page_leads_to_the_start_by_itself(db: None) -> None:
    response = log_in(
        Client(enforce_csrf_checks=True), username="ann", password="a long password"
    )  # fmt: skip

    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_the_login_page_leads_nowhere_else(db: None, elsewhere: str) -> None:
    response = log_in(
        Client(enforce_csrf_checks=True),
        username="ann",
        password="a long password",
        next=elsewhere,
    )

    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_shows_the_login_page_again(db: None) -> None:
    client = Client(enforce_csrf_checks=True)

    response = log_in(client, username="ann", password="wrong", next="/api/v1/")

    assert response.status_code == 200
    page = Page(response)
    assert "Please enter a correct username and password." in page.text
    assert client.get("/api/v1/").status_code == 401


def test_a_user_can_log_out_from_every_page(browser: Client) -> None:
    page = open_page(browser, DEPARTMENTS)
    [form] = [
        f for f in page.forms if f.attributes.get("action", "").startswith("/accounts/logout")
    ]

    response = browser.post(form.attributes["action"], form.fields)

    assert response.status_code == 302
    assert browser.get("/api/v1/").status_code == 401


def test_the_name_of_the_service_leads_to_the_start(browser: Client) -> None:
    assert "/" in open_page(browser, DEPARTMENTS).links
