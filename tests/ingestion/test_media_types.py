"""Media types and character sets of bodies."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.ingestion.bodies import CSV, GOOD, HEADER
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    send,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "Application/Json",
        "application/json; charset=UTF-8",
        "application/json;charset=utf-8",
        'application/json; charset="utf-8"',
        "application/json; charset=utf8",
        "application/json; charset=US-ASCII",
        "application/json ; charset=utf-8",
        "application/json; profile=rows",
        "application/json;",
    ],
)
def test_json_by_any_spelling_is_json(api: Any, content_type: str) -> None:
    response = send(api, GOOD, content_type=content_type)

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize(
    "content_type", ["text/csv", "TEXT/CSV", "text/csv; charset=utf-8; header=present"]
)
def test_csv_by_any_spelling_is_csv(api: Any, content_type: str) -> None:
    response = send(api, CSV, content_type=content_type)

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/xml",
        "text/plain",
        "text/json",
        "text/html",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/x-ndjson",
        "application/json-patch+json",
        "application/jsonl",
        "application/vnd.api+json",
        "application/gzip",
        "application/vnd.ms-excel",
        "multipart/mixed; boundary=x",
        "application/*",
        "*/*",
        "json",
        "application/json, text/csv",
        "application/json application/json",
        ";",
        "é/ü",
    ],
)
def test_another_media_type_is_not_taken(api: Any, content_type: str) -> None:
    response = send(api, GOOD, content_type=content_type)

    assert_refused(response, status=415, code="unsupported_media_type")


@pytest.mark.parametrize("content_type", ["", " "])
def test_a_body_without_a_media_type_is_not_taken(api: Any, content_type: str) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD))}

    response = api.generic(
        "POST", EMPLOYEES, b"", content_type=None, CONTENT_TYPE=content_type, **environ
    )

    problem = assert_refused(response, status=415, code="unsupported_media_type")
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize(
    "charset", ["utf-16", "latin-1", "iso-8859-1", "windows-1252", "klingon", ""]
)
def test_json_in_another_character_set_is_not_taken(api: Any, charset: str) -> None:
    response = send(api, GOOD, content_type=f"application/json; charset={charset}")

    assert_refused(response, status=415, code="unsupported_media_type")


@pytest.mark.parametrize("charset", ["cp1252", "windows-1252", "latin-1", "ISO-8859-1"])
def test_csv_in_the_character_set_it_names_is_read(api: Any, charset: str) -> None:
    body = f"{HEADER}7,Muñoz,2021-11-07T02:48:42Z,1,1\n".encode("cp1252")

    response = send(api, body, content_type=f"text/csv; charset={charset}")

    assert response.status_code == 201
    assert stored_employees()[0][1] == "Muñoz"


@pytest.mark.parametrize("charset", ["klingon", "rot13", "base64", "zip", "idna", "punycode", "é"])
def test_csv_in_no_character_set_is_refused(api: Any, charset: str) -> None:
    response = send(api, CSV, content_type=f"text/csv; charset={charset}")

    assert response.status_code in (400, 415)
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []
