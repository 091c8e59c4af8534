"""A form that is too large or cut, sent from a browser, is answered with a page that says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web_pages.people import ACCEPT, Person

pytestmark = pytest.mark.django_db

EMPLOYEES, LOADS = "/api/v1/employees/", "/api/v1/loads/"


@pytest.fixture
def small_limits(settings: Any) -> None:
    settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.MAX_LOAD_BYTES = 1000


def post(person: Person, address: str, body: Any, **options: Any) -> Any:
    token = person.open("/").forms[0].fields["csrfmiddlewaretoken"]
    headers = {"accept": ACCEPT, "x-csrftoken": token}
    return person.client.post(address, body, headers=headers, **options)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize(
    "address, sentence",
    [
        (EMPLOYEES, "The body has more than 1,000 bytes."),
        (LOADS, "The file has more than 1,000 bytes."),
    ],
)
def test_a_file_that_is_too_large(steward: Person, address: str, sentence: str) -> None:
    file = SimpleUploadedFile("large.csv", b"x" * 100_000)

    response = post(steward, address, {"table": "jobs", "file": file})

    assert response.status_code == 413, response.content[:300]
    assert response["Content-Type"].startswith("text/html")
    assert sentence in response.content.decode()
    assert steward.user.username in response.content.decode()


@pytest.mark.parametrize("address", [EMPLOYEES, LOADS])
def test_a_form_that_was_cut(steward: Person, address: str) -> None:
    response = post(
        steward, address, b"--XX\r\nContent-Dispo", content_type="multipart/form-data; boundary=XX"
    )

    assert response.status_code == 400, response.content[:300]
    assert response["Content-Type"].startswith("text/html")
    assert "it was cut" in response.content.decode()


def test_two_files(steward: Person) -> None:
    files = [SimpleUploadedFile(name, b"id,job\n1,A\n") for name in ("a.csv", "b.csv")]

    response = post(steward, LOADS, {"table": "jobs", "file": files})

    assert response.status_code == 400, response.content[:300]
    assert "the form has it twice" in response.content.decode()
