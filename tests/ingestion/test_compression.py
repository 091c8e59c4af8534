"""Bodies that are gzipped, and bombs."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from tests.factories import employee_row
from tests.ingestion.bodies import CSV, GOOD
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(GOOD), id="one member"),
        pytest.param(gzip.compress(GOOD, compresslevel=0), id="stored"),
        pytest.param(gzip.compress(GOOD[:20]) + gzip.compress(GOOD[20:]), id="two members"),
        pytest.param(
            gzip.compress(b"") + gzip.compress(GOOD) + gzip.compress(b""), id="empty members"
        ),
        pytest.param(gzip.compress(b"\xef\xbb\xbf" + GOOD), id="byte order mark inside"),
        pytest.param(gzip.compress(b" " * 1_000_000 + GOOD), id="spaces that shrink"),
    ],
)
def test_a_gzipped_body_is_read_like_any_other(api: Any, body: bytes) -> None:
    response = send(api, body, content_encoding="gzip")

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize("name", ["gzip", "GZIP", " gzip "])
def test_the_name_of_the_encoding_is_read_in_any_case(api: Any, name: str) -> None:
    response = send(api, gzip.compress(GOOD), content_encoding=name)

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize("name", ["identity", "IDENTITY", ""])
def test_no_encoding_may_be_named(api: Any, name: str) -> None:
    response = send(api, GOOD, content_encoding=name)

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_csv_may_be_gzipped_too(api: Any) -> None:
    response = send(api, gzip.compress(CSV), content_type="text/csv", content_encoding="gzip")

    assert response.status_code == 201
    assert stored_ids() == [7]


ZIPPED = gzip.compress(GOOD)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ZIPPED[:-1], id="without its last byte"),
        pytest.param(ZIPPED[:-8], id="without its trailer"),
        pytest.param(ZIPPED[: len(ZIPPED) // 2], id="cut in the middle"),
        pytest.param(ZIPPED[:10], id="its header alone"),
        pytest.param(ZIPPED[:1], id="its first byte alone"),
        pytest.param(GOOD, id="not gzipped at all"),
        pytest.param(zlib.compress(GOOD), id="zlib instead"),
        pytest.param(zlib.compressobj(wbits=-15).compress(GOOD) + b"\x03\x00", id="raw deflate"),
        pytest.param(ZIPPED[:-8] + b"\x00\x00\x00\x00" + ZIPPED[-4:], id="wrong checksum"),
        pytest.param(ZIPPED[:-4] + b"\x00\x00\x00\x01", id="wrong length"),
        pytest.param(ZIPPED[:15] + b"\xff\xff\xff" + ZIPPED[18:], id="damaged in the middle"),
        pytest.param(ZIPPED + b"garbage", id="garbage after the end"),
        pytest.param(ZIPPED + ZIPPED[:12], id="second member cut"),
        pytest.param(b"PK\x03\x04" + ZIPPED, id="zip"),
    ],
)
def test_bad_gzip_is_refused(api: Any, body: bytes) -> None:
    response = send(api, body, content_encoding="gzip")

    assert_refused(response, status=400, code="undecodable")


def test_an_empty_gzipped_body_is_empty_json(api: Any) -> None:
    response = send(api, gzip.compress(b""), content_encoding="gzip")

    assert_refused(response, status=400, code="malformed_json")


@pytest.mark.parametrize(
    "name", ["br", "deflate", "compress", "zstd", "x-gzip2", "gzip, gzip", "gzip, br", "utf-8", "*"]
)
def test_another_content_encoding_is_not_taken(api: Any, name: str) -> None:
    response = send(api, GOOD, content_encoding=name)

    problem = assert_refused(response, status=415, code="unsupported_media_type")
    assert repr(name) in problem["detail"]


@pytest.mark.parametrize("name", ["gzip", "br"])
def test_a_form_in_another_content_encoding_is_not_taken(api: Any, name: str) -> None:
    response = api.post(
        EMPLOYEES, employee_row(), format="multipart", headers={"content-encoding": name}
    )

    problem = assert_refused(response, status=415, code="unsupported_media_type")
    assert problem["detail"] == f"The content encoding {name!r} is not taken. Send no encoding."


@pytest.mark.parametrize("name", ["identity", "IDENTITY", " identity ", ""])
def test_a_form_may_name_no_encoding(api: Any, name: str) -> None:
    response = api.post(
        EMPLOYEES, employee_row(), format="multipart", headers={"content-encoding": name}
    )

    assert response.status_code == 201


@pytest.mark.parametrize("content_type", ["application/json", "text/csv"])
def test_a_bomb_is_refused_with_memory_bounded(api: Any, settings: Any, content_type: str) -> None:
    settings.MAX_BODY_BYTES = 1_000_000
    bomb = gzip.compress(b" " * 100_000_000, compresslevel=9)
    assert len(bomb) < 1_000_000
    tracemalloc.start()

    response = send(api, bomb, content_type=content_type, content_encoding="gzip")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_refused(response, status=413, code="body_too_large")
    assert peak < 10_000_000


def test_a_bomb_in_many_members_is_refused(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 100_000
    member = gzip.compress(b" " * 10_000)

    response = send(api, member * 11, content_encoding="gzip")

    assert_refused(response, status=413, code="body_too_large")


def test_a_great_number_of_empty_members_is_read(api: Any) -> None:
    body = gzip.compress(b"") * 250_000 + ZIPPED
    started = time.process_time()

    response = send(api, body, content_encoding="gzip")

    assert time.process_time() - started < 5
    assert response.status_code in (201, 400)
