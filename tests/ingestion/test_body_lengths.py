"""Bodies that are shorter or longer than announced."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.ingestion.bodies import CSV, GOOD
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def test_a_body_shorter_than_announced_lands_nothing(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD) + 1)}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    problem = assert_refused(response, status=400, code="undecodable")
    assert f"{len(GOOD)} of the {len(GOOD) + 1} bytes" in problem["detail"]


def test_a_whole_json_text_that_is_shorter_than_announced_lands_nothing(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(CSV), "CONTENT_LENGTH": str(len(CSV) + 500)}

    response = api.generic("POST", EMPLOYEES, b"", content_type="text/csv", **environ)

    assert_refused(response, status=400, code="undecodable")


def test_of_a_body_longer_than_announced_only_the_announced_part_is_read(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD + b"[garbage"), "CONTENT_LENGTH": str(len(GOOD))}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_a_length_that_cuts_the_body_lands_nothing(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD) - 1)}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    assert_refused(response, status=400, code="malformed_json")


@pytest.mark.parametrize("length", ["", "0", "-1", "+5", "٧", "1" * 30])
def test_a_senseless_length_lands_nothing(api: Any, length: str) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": length}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    assert response.status_code in (400, 413)
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []


@pytest.mark.parametrize("error", [OSError("gone"), ConnectionResetError(), TimeoutError()])
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/csv", "multipart/form-data; boundary=x"]
)
def test_a_client_that_goes_in_mid_body_lands_nothing(
    api: Any, error: Exception, content_type: str
) -> None:
    class Gone(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise error

    environ = {"wsgi.input": Gone(), "CONTENT_LENGTH": "100"}

    response = api.generic("POST", EMPLOYEES, b"", content_type=content_type, **environ)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []
