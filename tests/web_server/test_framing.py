"""Requests of which one could doubt where they end, and bodies that do not come."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack

import pytest

from hrapi.web_server.worker import GOODBYE_SECONDS
from tests.web_server.served import Served

pytestmark = pytest.mark.slow

POST = b"POST /api/v1/departments/ HTTP/1.1\r\nHost: localhost\r\n"
LOADS = b"POST /api/v1/loads/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
MANY = 40


def problem(said: bytes) -> tuple[int, dict[str, object]]:
    """The status and the body of an answer of the web server itself."""
    head, _, body = said.partition(b"\r\n\r\n")
    for header in (b"nosniff", b"no-store", b"X-Request-ID: ", b"application/problem+json"):
        assert header in head, head
    assert b"\r\nConnection: close\r\n" in head
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "request_, status",
    [
        pytest.param(POST + b"Content-Length: +5\r\n\r\n", 400, id="a signed length"),
        pytest.param(POST + b"Content-Length: 5, 5\r\n\r\n", 400, id="a list of lengths"),
        pytest.param(POST + b"Content-Length:\r\n\r\n", 400, id="an empty length"),
        pytest.param(POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, id="twice"),
        pytest.param(POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, id="two"),
        pytest.param(POST + b"Content-Length: \xb2\r\n\r\n", 400, id="no digit of ASCII"),
        pytest.param(POST + b"Content-Length : 5\r\n\r\n", 400, id="a space before the colon"),
        pytest.param(POST + b"Content-Length:\r\n 5\r\n\r\n", 400, id="a folded header"),
        pytest.param(POST + b"Content-Length: 5\n\r\n\r\n", 400, id="a bare LF"),
        pytest.param(
            POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, id="both"
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
            id="chunked twice",
        ),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501, id="gzip, chunked"),
        pytest.param(
            POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
            501,
            id="gzip and chunked",
        ),
        pytest.param(POST + b"Transfer-Encoding: identity\r\n\r\n", 400, id="identity"),
        pytest.param(POST + b"Expect: a miracle\r\n\r\n", 417, id="another expectation"),
        pytest.param(POST + b"Host: localhost\r\n\r\n", 400, id="two hosts"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n\r\n", 400, id="no host"),
        pytest.param(b"GET /healthz HTTP/1.9\r\nHost: localhost\r\n\r\n", 505, id="HTTP/1.9"),
        pytest.param(b"GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n", 505, id="HTTP/2.0"),
        pytest.param(b"GET /healthz\r\n\r\n", 400, id="no version"),
        pytest.param(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, id="a line"),
        pytest.param(b"GET /" + b"a" * 70_000, 414, id="a line without end"),
        pytest.param(POST + b"X: a\r\n" * 101 + b"\r\n", 431, id="many headers"),
        pytest.param(POST + b"X: aaaa\r\n" * 10_000, 431, id="a header without end"),
        pytest.param(b"\x16\x03\x01\x00", 400, id="TLS"),
        pytest.param(b"1", 400, id="no method"),
        pytest.param(
            b"get /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, id="in small letters"
        ),
    ],
)
def test_what_can_be_misread_is_refused_at_once(
    served: Served, request_: bytes, status: int
) -> None:
    begun = time.monotonic()
    answered, body = problem(served.said(request_))

    assert (answered, body["status"]) == (status, status)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("method", ["MLOCMAAHB", "TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_is_nowhere_is_refused_and_not_counted(served: Served, method: str) -> None:
    target = "localhost:80" if method == "CONNECT" else "/healthz"

    said = served.said(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    answered, body = problem(said)
    assert (answered, body["code"]) == (405, "method_not_allowed")
    assert b"\r\nAllow: GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE\r\n" in said
    assert method.encode() not in said
    metrics = served.said(served.header("GET /metrics", Connection="close"))
    assert metrics.startswith(b"HTTP/1.1 200 OK")
    assert method.encode() not in metrics


def test_what_is_odd_but_clear_is_answered(served: Served) -> None:
    sent = served.header("POST /api/v1/departments/", Content_Length="002") + b"[]"
    sent += b"\r\n" + served.header("GET /healthz", Connection="close")

    said = served.said(sent)

    assert said.startswith(b"HTTP/1.1 415 ")
    assert b"HTTP/1.1 200 OK" in said


SILENT = {
    "a length of 16 digits": POST + b"Content-Length: 1000000000000000\r\n\r\n",
    "a length of 30 digits": POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
    "zeros before the length": POST + b"Content-Length: " + b"0" * 20 + b"900\r\n\r\n",
    "an upload": LOADS + b"Content-Length: 9000000\r\n\r\n",
    "a body to be asked for": POST + b"Content-Length: 900\r\nExpect: 100-continue\r\n\r\n",
    "chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n",
    "half of a line": b"\r",
    "a chunked form of the login page": (
        b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ),
}


@pytest.mark.parametrize("sent", SILENT.values(), ids=SILENT)
def test_many_silent_connections_without_login_keep_nobody_waiting(
    served: Served, sent: bytes
) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(served.connect(sent))
        for _ in range(5):
            begun = time.monotonic()
            assert served.ask() == 200
            assert time.monotonic() - begun < 2
            time.sleep(0.3)


@pytest.mark.parametrize("name", ["an upload", "a body to be asked for", "chunks"])
def test_a_body_of_somebody_unknown_is_not_waited_for(served: Served, name: str) -> None:
    begun = time.monotonic()
    with served.connect(SILENT[name]) as client:
        said = client.recv(100_000)
        # The end of the answers is told without the client saying anything more.
        while more := client.recv(100_000):
            said += more

    assert said.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"\r\nConnection: close\r\n" in said
    assert time.monotonic() - begun < 1


def test_bodies_of_somebody_unknown_keep_no_upload_out(served: Served) -> None:
    chunked = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    with ExitStack() as stack:
        for name in ("an upload", "a body to be asked for", "chunks"):
            for _ in range(MANY):
                stack.enter_context(served.connect(SILENT[name]))
        begun = time.monotonic()
        header = served.header(
            "POST /api/v1/departments/?dry_run=true", Connection="close", **chunked
        )
        said = served.said(header + b'23\r\n[{"id": 7000, "department": "Law"}]\r\n0\r\n\r\n')

    assert said.startswith(b"HTTP/1.1 20"), said
    assert time.monotonic() - begun < 5


def test_a_body_that_is_wanted_is_asked_for(served: Served) -> None:
    body = b'[{"id": 7001, "department": "Law"}]'
    headers = {"Content_Length": str(len(body)), "Content_Type": "application/json"}
    target = "POST /api/v1/departments/?dry_run=true"
    with served.connect(served.header(target, Expect="100-continue", **headers)) as client:
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        answer = client.recv(1000)
        assert answer.startswith(b"HTTP/1.1 20"), answer
        assert b"\r\nConnection: keep-alive\r\n" in answer


def test_a_body_that_is_too_long_is_not_asked_for(served: Served) -> None:
    headers = {"Content_Length": "9000000", "Content_Type": "application/json"}

    said = served.said(served.header("POST /api/v1/departments/", Expect="100-continue", **headers))

    assert said.startswith(b"HTTP/1.1 413 "), said


TOO_LONG = {
    "JSON": ("departments", "application/json", "6000000"),
    "CSV": ("departments", "text/csv", "6000000"),
    "a form": ("departments", "multipart/form-data; boundary=x", "6000000"),
    "a file": ("loads", "multipart/form-data; boundary=x", "200000000"),
}


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("path, media_type, length", TOO_LONG.values(), ids=TOO_LONG)
def test_a_body_that_is_too_long_is_refused_before_it_is_there(
    served: Served, path: str, media_type: str, length: str, accept: str
) -> None:
    headers = {"Content_Length": length, "Content_Type": media_type, "Accept": accept}

    said = served.said(served.header(f"POST /api/v1/{path}/", **headers) + b"[" * 42)

    assert said.startswith(b"HTTP/1.1 413 "), said
    assert b"\r\nConnection: close\r\n" in said
    if path == "departments" and accept == "application/json":
        batch = json.loads(said.partition(b"\r\n\r\n")[2])["batch"]
        assert served.ask(f"/api/v1/batches/{batch}/") == 200


def test_chunks_that_are_too_long_are_refused_before_their_end(served: Served) -> None:
    headers = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    body = b"f4241\r\n" + b" " * 1_000_001

    said = served.said(served.header("POST /api/v1/departments/", **headers) + body)

    assert said.startswith(b"HTTP/1.1 413 "), said
    assert b'"batch"' in said


@pytest.mark.parametrize("path, media_type, length", TOO_LONG.values(), ids=TOO_LONG)
def test_who_sends_all_of_a_body_that_is_too_long_before_reading_is_told(
    served: Served, path: str, media_type: str, length: str
) -> None:
    headers = {"Content_Length": length, "Content_Type": media_type}
    with served.connect(served.header(f"POST /api/v1/{path}/", **headers)) as client:
        for _ in range(30):
            client.sendall(b"[" * 200_000)
            time.sleep(2 * GOODBYE_SECONDS / 30)
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_connection_goes_on_after_a_refusal_whose_body_is_there(served: Served) -> None:
    refused = POST + b"Content-Length: 900000\r\n\r\n" + b"[" * 900_000

    said = served.said(refused + served.header("GET /healthz", Connection="close"))

    assert said.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"HTTP/1.1 200 OK" in said


def test_a_client_that_sends_no_more_is_answered(served: Served) -> None:
    body = b'23\r\n[{"id": 7002, "department": "Law"}]\r\n0\r\n\r\n'
    chunked = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    with served.connect(
        served.header("POST /api/v1/departments/?dry_run=true", **chunked)
    ) as client:
        client.sendall(body)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1000).startswith(b"HTTP/1.1 20")


@pytest.mark.parametrize("path", ["employees/?format=csv", "departments/"])
def test_head_is_answered_without_a_body(served: Served, path: str) -> None:
    sent = served.header(f"HEAD /api/v1/{path}") + served.header("GET /healthz", Connection="close")

    first, _, second = served.said(sent).partition(b"\r\n\r\n")

    assert first.startswith(b"HTTP/1.1 200 OK")
    assert second.startswith(b"HTTP/1.1 200 OK")
