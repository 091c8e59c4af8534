"""A form that did not arrive whole is no form with shorter values; a refusal is a page for a person."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory

from departments.models import Department
from hrapi.api.forms import form_bytes
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.models import Batch, RejectedRow
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"
MULTIPART = "multipart/form-data; boundary=XX"
WHOLE = (
    b'--XX\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n'
    b'--XX\r\nContent-Disposition: form-data; name="department"\r\n\r\nFinance and Controlling\r\n'
    b"--XX--\r\n"
)
FILE = (
    b'--XX\r\nContent-Disposition: form-data; name="file"; filename="d.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\n1,Sales\n2,Law and Order\n\r\n--XX--\r\n"
)


def send(
    client: Any, body: bytes, *, method: str = "POST", to: str = DEPARTMENTS, **more: Any
) -> Any:
    return client.generic(
        method, to, body, content_type=more.pop("content_type", MULTIPART), **more
    )


@pytest.mark.parametrize("body, status", [(WHOLE, 201), (FILE, 201), (WHOLE + b"epilogue", 201)])
def test_a_whole_form_is_taken(api: Any, body: bytes, status: int) -> None:
    assert send(api, body).status_code == status


@pytest.mark.parametrize("form", [WHOLE, FILE])
def test_a_form_that_was_cut_anywhere_is_refused_and_stores_nothing(api: Any, form: bytes) -> None:
    for length in range(len(form) - len(b"--\r\n") + 1):
        response = send(api, form[:length])
        assert_problem(response, 400, "undecodable")
    assert not Department.objects.exists()
    assert not RejectedRow.objects.exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_by_a_form_that_was_cut_is_refused(api: Any, method: str) -> None:
    Department.objects.create(id=7, department="Before")

    response = send(api, WHOLE[:-20], method=method, to=f"{DEPARTMENTS}7/")

    assert_problem(response, 400, "undecodable")
    assert Department.objects.get().department == "Before"


def test_fewer_bytes_than_announced_are_refused() -> None:
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        CONTENT_TYPE=MULTIPART,
        CONTENT_LENGTH=str(len(WHOLE) + 10),
        **{"wsgi.input": io.BytesIO(WHOLE)},
    )

    with pytest.raises(
        ProblemError, match=f"{len(WHOLE)} of the {len(WHOLE) + 10} bytes"
    ) as refused:
        form_bytes(WSGIRequest(environ))

    assert refused.value.code is ProblemCode.UNDECODABLE


def test_with_the_session_of_a_browser_too(client_of: Any) -> None:
    user = client_of("loaders").handler._force_user
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    browser.get("/accounts/login/")
    csrf = "a" * 32
    browser.cookies["csrftoken"] = csrf

    cut = send(browser, WHOLE[:-20], headers={"x-csrftoken": csrf})
    whole = send(browser, WHOLE, headers={"x-csrftoken": csrf})

    assert_problem(cut, 400, "undecodable")
    assert whole.status_code == 201


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_file_changes_no_row(api: Any, method: str) -> None:
    Department.objects.create(id=7, department="Before")

    assert_problem(send(api, FILE, method=method, to=f"{DEPARTMENTS}7/"), 400, "invalid_parameter")


@pytest.mark.parametrize("value", [b"\xff", b"\x00", b"ok"])
@pytest.mark.parametrize("name", [b"a\x00b", b"a\xffb", b"department"])
def test_odd_names_and_values_are_refused_and_recorded(api: Any, name: bytes, value: bytes) -> None:
    body = b'--XX\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value
    body += b"\r\n--XX--\r\n"

    response = send(api, body)

    assert response.status_code in (400, 422), response.content
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    "content_type, body, status",
    [
        ("", b"x", 415),
        ("application/xml", b"<x/>", 415),
        ("application/vnd.api+json", b"{}", 415),
        (";;;", b"x", 415),
        ("application/x-www-form-urlencoded", b"id=1", 415),
        ("application/json", b"[" + b" " * 6_000_000, 413),
        ("text/csv", b"x" * 6_000_000, 413),
        (MULTIPART, b"x" * 6_000_000, 413),
        (MULTIPART, WHOLE[:-20], 400),
        ("application/json", b"[", 400),
    ],
)
def test_a_refusal_is_a_page_for_a_person(
    api: Any, content_type: str, body: bytes, status: int
) -> None:
    response = send(api, body, content_type=content_type, headers={"Accept": "text/html"})

    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")


def test_a_refused_atomic_batch_is_recorded_as_one(api: Any) -> None:
    send(api, b"[", to=f"{DEPARTMENTS}?mode=atomic", content_type="application/json")

    assert Batch.objects.get().mode == "atomic"


def test_a_header_that_names_a_note_twice_is_refused(api: Any) -> None:
    response = send(api, b"id,department,errors,errors\n1,A,,\n", content_type="text/csv")

    assert_problem(response, 400, "bad_header")


def test_an_id_sent_twice_is_that_fault(api: Any) -> None:
    Department.objects.create(id=7, department="Before")

    response = send(
        api, b'{"id": 7, "id": 8, "department": "X"}', method="PUT", to=f"{DEPARTMENTS}7/",
        content_type="application/json",
    )  # fmt: skip

    assert_problem(response, 422, "duplicate_key")
