"""Every limit of the API: documented as the code has it, kept at it, and one beyond it refused or cut."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.http.message import Request

from departments.models import Department
from hrapi.ingestion.models import RowChange
from hrapi.ingestion.tracing import MAX_LISTED
from hrapi.web_server.limits import MAX_HEADER_BYTES, MAX_LINE_BYTES
from tests.api.limits import DEPARTMENTS, LIMITS, Limit
from tests.test_docs import document, table_after

SERVER = Config()
SERVER.set("limit_request_line", MAX_LINE_BYTES)
# What the web server holds before the service is asked, and the answer beyond it.
OF_THE_SERVER = {
    "bytes of the first line of a request, its address in it": SERVER.limit_request_line,
    "headers of a request": SERVER.limit_request_fields,
    "bytes of a header": SERVER.limit_request_field_size,
    "bytes of all headers of a request": MAX_HEADER_BYTES,
}
LISTED = {"changes, and rejected rows, of a trace": MAX_LISTED}


@pytest.fixture
def client(client_of: Any) -> Any:
    """Somebody who may do everything and is logged in by no token, so that they may make some."""
    return client_of("administrators")


def test_the_table_of_limits_is_that_of_the_code() -> None:
    rows = table_after("## Limits", document("api.md"))

    documented = {row[0]: row[1].strip("`").replace(",", "") for row in rows}
    held = {what: limit.most for what, limit in LIMITS.items()} | LISTED | OF_THE_SERVER
    assert documented == {what: str(most) for what, most in held.items()}
    for what, limit in LIMITS.items():
        if isinstance(limit.beyond, str):
            [beyond] = [row[2] for row in rows if row[0] == what]
            assert f"`{limit.beyond}`" in beyond


@pytest.mark.django_db
@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_what_is_at_a_limit_is_taken_and_one_more_is_not(
    client: Any, settings: Any, limit: Limit
) -> None:
    if limit.set_to:
        setattr(settings, str(limit.most), limit.set_to)

    at_limit, beyond = limit.send(client, limit.size), limit.send(client, limit.size + 1)

    assert at_limit.status_code < 500
    assert beyond.status_code < 500
    assert not is_beyond(limit, at_limit), at_limit.content
    assert is_beyond(limit, beyond), beyond.content


def is_beyond(limit: Limit, answer: Any) -> bool:
    if callable(limit.beyond):
        return limit.beyond(answer)
    body = answer.json()
    # OData has its errors in an object.
    codes = {body.get("error", body).get("code")}
    for rejected in body.get("rejected_rows", []):
        if isinstance(rejected, dict):
            codes |= {error["code"] for error in rejected["errors"]}
    return limit.beyond in codes


@pytest.mark.django_db
@pytest.mark.parametrize("more", [0, 1])
def test_a_trace_lists_the_newest_of_what_there_is(client: Any, more: int) -> None:
    Department.objects.create(id=1, department="Law")
    RowChange.objects.bulk_create(
        RowChange(
            table="departments",
            row_id=1,
            action="changed",
            before={"id": 1, "department": f"D{n}"},
            at=timezone.now(),
        )
        for n in range(MAX_LISTED + more)
    )

    answer = client.get(f"{DEPARTMENTS}1/trace/")
    assert answer.status_code == 200, answer.content
    changes = answer.json()["changes"]

    assert len(changes) == MAX_LISTED
    assert changes[0]["before"]["department"] == f"D{more}"


def parse(request: bytes) -> Request:
    return next(RequestParser(SERVER, iter([request]), ("127.0.0.1", 1)))


def with_line(size: int) -> bytes:
    address = "/" + "x" * (size - len("GET / HTTP/1.1"))
    return f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def with_headers(number: int) -> bytes:
    headers = "".join(f"X-{n}: 1\r\n" for n in range(number - 1))
    return f"GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()


def with_header(size: int) -> bytes:
    # Its line with its end.
    header = "X: " + "x" * (size - len("X: \r\n"))
    return f"GET / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode()


@pytest.mark.parametrize(
    "make, most, error",
    [
        pytest.param(with_line, SERVER.limit_request_line, LimitRequestLine, id="first line"),
        pytest.param(with_headers, SERVER.limit_request_fields, LimitRequestHeaders, id="headers"),
        pytest.param(
            with_header, SERVER.limit_request_field_size, LimitRequestHeaders, id="header"
        ),
    ],
)
def test_the_web_server_has_limits_of_its_own(
    make: Any, most: int, error: type[ParseException]
) -> None:
    assert parse(make(most)).method == "GET"
    with pytest.raises(error):
        parse(make(most + 1))
