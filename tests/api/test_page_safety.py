"""Pages load and send nothing elsewhere, and names are only text in them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.api.browsing import (
    DEPARTMENTS,
    EVIL,
    HTML,
    open_page,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/connect/",
    "/rejected-rows/",
    "/rejected-rows/?table=departments",
    "/rejected-rows/1/",
    "/nothing",
    "/api/v1/",
    "/api/v1/departments/",
    "/api/v1/departments/1/",
    "/api/v1/departments/?department=x",
    "/api/v1/departments/?page_size=1",
    "/api/v1/departments/?x=1",
    "/api/v1/departments/9/",
    "/api/v1/jobs/",
    "/api/v1/employees/",
    "/api/v1/employees/1/",
    "/api/v1/batches/",
    "/api/v1/batches/1/",
    "/api/v1/rejected-rows/",
    "/api/v1/rejected-rows/1/",
    "/api/v1/reports/quarterly-hires/?year=2021",
    "/api/v1/reports/departments-above-mean/?year=2021",
    "/api/v1/docs/",
    "/accounts/login/",
    "/admin/",
    "/admin/login/",
    "/admin/ingestion/batch/",
    "/admin/ingestion/batch/1/change/",
    "/admin/ingestion/rejectedrow/",
    "/admin/ingestion/rejectedrow/1/change/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/knox/authtoken/",
]


@pytest.mark.usefixtures("scripts_in_names")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_and_sends_nothing_elsewhere_and_has_no_script_inside(
    root: Client, path: str
) -> None:
    page = open_page(root, path)

    assert page.sources
    hosts = {urlsplit(address).netloc for _, address in page.sources}
    assert hosts <= {"", "testserver"}
    assert {urlsplit(address).scheme for _, address in page.sources} <= {"", "http", "data"}
    assert page.inline_scripts == []


@pytest.mark.usefixtures("scripts_in_names")
@pytest.mark.parametrize("path", PAGES)
def test_everything_that_a_page_loads_is_there(root: Client, path: str) -> None:
    page = open_page(root, path)

    for tag, address in page.sources:
        if tag in ("script", "link", "img") and not address.startswith("data:"):
            response = root.get(address)
            assert response.status_code == 200, address
            # A file is closed when it was read to its end.
            assert b"".join(response.streaming_content if response.streaming else [b"x"])


@pytest.mark.usefixtures("scripts_in_names")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/rejected-rows/",
        "/rejected-rows/1/",
        "/api/v1/departments/",
        "/api/v1/departments/1/",
        "/api/v1/jobs/",
        "/api/v1/employees/",
        "/api/v1/employees/1/",
        "/api/v1/batches/",
        "/api/v1/batches/1/",
        "/api/v1/rejected-rows/",
        "/api/v1/rejected-rows/1/",
        "/api/v1/reports/quarterly-hires/?year=2021",
        "/api/v1/reports/departments-above-mean/?year=2021",
        "/admin/ingestion/batch/",
        "/admin/ingestion/batch/1/change/",
        "/admin/ingestion/rejectedrow/1/change/",
    ],
)
def test_a_script_in_a_name_is_text_in_every_page(root: Client, path: str) -> None:
    page = open_page(root, path)

    assert "<script>alert" not in page.html
    shown = page.text + "".join(value for form in page.forms for value in form.fields.values())
    assert "alert(1)" in shown
    assert "{{7*7}}" in shown


@pytest.mark.parametrize("parameter", ["x", "page_size", "cursor", "department", "format"])
def test_a_script_in_an_address_is_text(root: Client, parameter: str) -> None:
    response = root.get(DEPARTMENTS, {parameter: EVIL}, headers=HTML)

    assert b"<script>alert" not in response.content
    unknown = root.get(f"/api/v1/{EVIL}/", headers=HTML)
    assert unknown.status_code == 404
    assert b"<script>alert" not in unknown.content


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "fields",
    [
        {"id": "1000", "department": "", EVIL: EVIL},
        {"id": EVIL, "department": EVIL},
        {"id": '"><script>alert(1)</script>', "department": "x"},
    ],
)
def test_a_script_in_a_form_is_text_in_the_answer(
    browser: Client, fields: dict[str, str]
) -> None:  # fmt: skip
    browser.get(DEPARTMENTS, headers=HTML)
    token = browser.cookies["csrftoken"].value

    response = browser.post(DEPARTMENTS, fields | {"csrfmiddlewaretoken": token}, headers=HTML)

    assert response.status_code == 422
    page = Page(response)
    assert "<script>alert" not in page.html
    assert "alert(1)" in page.text
