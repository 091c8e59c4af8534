"""Bodies at the limit and beyond it."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest

from tests.ingestion.bodies import GOOD
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def chunked(
    client: Any, body: bytes, *, content_type: str = "application/json", **extra: Any
) -> Any:
    """POSTs as a server hands a chunked body on: no length, and a stream that ends by itself."""
    environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, **extra}
    return client.generic("POST", EMPLOYEES, b"", content_type=content_type, **environ)


def padded(length: int) -> bytes:
    return GOOD + b" " * (length - len(GOOD))


def test_the_limit_of_a_body_is_five_mebibytes() -> None:
    from django.conf import settings

    assert settings.MAX_BODY_BYTES == 5 * 1024 * 1024


def test_a_body_at_the_limit_is_taken(api: Any) -> None:
    response = send(api, padded(5 * 1024 * 1024))

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_a_body_of_one_byte_more_is_refused(api: Any) -> None:
    response = send(api, padded(5 * 1024 * 1024 + 1))

    problem = assert_refused(response, status=413, code="body_too_large")
    assert "5,242,880 bytes" in problem["detail"]


def test_the_limit_holds_after_gunzip(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 100_000

    at_limit = send(api, gzip.compress(padded(100_000)), content_encoding="gzip")

    assert at_limit.status_code == 201
    assert stored_ids() == [7]


def test_one_byte_more_after_gunzip_is_refused(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 100_000

    response = send(api, gzip.compress(padded(100_001)), content_encoding="gzip")

    assert_refused(response, status=413, code="body_too_large")


def test_gzip_over_the_limit_is_refused_before_it_is_unzipped(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1000

    response = send(api, gzip.compress(padded(5000), compresslevel=0), content_encoding="gzip")

    assert_refused(response, status=413, code="body_too_large")


@pytest.mark.parametrize("content_type", ["application/json", "text/csv"])
def test_a_chunked_body_over_the_limit_is_refused(
    api: Any, settings: Any, content_type: str
) -> None:
    settings.MAX_BODY_BYTES = 1000

    response = chunked(api, padded(1001), content_type=content_type)

    assert_refused(response, status=413, code="body_too_large")


def test_a_chunked_body_is_read_to_its_end(api: Any) -> None:
    response = chunked(api, GOOD)

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_an_empty_chunked_body_is_empty_json(api: Any) -> None:
    response = chunked(api, b"")

    assert_refused(response, status=400, code="malformed_json")
