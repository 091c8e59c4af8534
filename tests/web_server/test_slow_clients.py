"""Clients that send, read or leave slowly, twice as many as there are threads, beside one that does not."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from hrapi.web_server.client import SENDING_SECONDS
from hrapi.web_server.worker import GOODBYE_SECONDS
from tests.embedded_postgres.harness import PATIENCE
from tests.web_server.served import EMPLOYEES, SECONDS, Served

# One worker, and its four threads.
SLOW_CLIENTS = 8

pytestmark = pytest.mark.slow


@contextmanager
def slow_clients(served: Served, sent: bytes, **options: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(served.connect(sent, **options)) for _ in range(SLOW_CLIENTS)]


JSON = {"Content_Type": "application/json"}
FORM = {"Content_Type": "multipart/form-data; boundary=x"}
BEGINNINGS: dict[str, Callable[[Served], bytes]] = {
    "nothing": lambda served: b"",
    "a header that does not end": lambda served: served.header("GET /healthz")[:-4],
    "a body that does not end": lambda served: (
        served.header("POST /api/v1/departments/", Content_Length="900", **JSON) + b"["
    ),
    "a body of somebody unknown": lambda served: (
        b"POST /api/v1/departments/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n["
    ),
    "a large file": lambda served: (
        served.header("POST /api/v1/loads/", Content_Length="9000000", **FORM) + b"--x\r\n"
    ),
    "chunks": lambda served: (
        served.header("POST /api/v1/departments/", Transfer_Encoding="chunked", **JSON)
        + b"1\r\n[\r\n"
    ),
    "a body to be asked for": lambda served: served.header(
        "POST /api/v1/departments/", Content_Length="900", Expect="100-continue", **JSON
    ),
}


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)
def test_clients_that_send_slowly_keep_nobody_waiting_and_are_given_up(
    served: Served, begin: Callable[[Served], bytes]
) -> None:
    with slow_clients(served, begin(served)) as clients:
        for _ in range(20):
            assert served.ask() == 200
            for client in clients:
                # Less than what counts as sending.
                client.settimeout(0)
                with suppress(BlockingIOError):
                    assert client.recv(1000, socket.MSG_PEEK).startswith(b"HTTP/1.1 100")
                if begin(served):
                    client.send(b"a")
        for client in clients:
            client.settimeout(PATIENCE)
            with suppress(ConnectionResetError):
                while client.recv(1000):
                    pass

    assert served.ask() == 200


def test_whoever_sends_a_header_too_slowly_is_told(served: Served) -> None:
    with served.connect(b"GET /healthz HTTP/1.1\r\n") as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert client.recv(1000) == b""


def test_clients_that_do_not_hang_up_keep_nobody_waiting(served: Served) -> None:
    with slow_clients(served, served.header("GET /healthz", Connection="close")) as clients:
        for client in clients:
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert served.ask() == 200
        # Each is told the end at once, and not when the one before it has hung up or was given up.
        for client in clients:
            client.settimeout(GOODBYE_SECONDS - 0.5)
            while client.recv(1000):
                pass


CSV = "GET /api/v1/employees/?format=csv"


def test_clients_that_do_not_read_a_long_answer_keep_nobody_waiting(served: Served) -> None:
    with slow_clients(served, served.header(CSV), receive_buffer=4096) as clients:
        for client in clients:
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert served.ask() == 200
        time.sleep(SECONDS + 1)
        assert is_cut_off(clients[0])

    assert served.ask() == 200


def is_cut_off(client: socket.socket) -> bool:
    """Whether the answer, of which 100 bytes were read, ends before its last row."""
    try:
        said = b"".join(iter(lambda: client.recv(100_000), b""))
    except ConnectionResetError:
        return True
    return said.count(b"Old ") < EMPLOYEES


def test_a_reader_who_pauses_gets_the_whole_answer(served: Served) -> None:
    sent = served.header(CSV) + served.header("GET /healthz", Connection="close")
    with served.connect(sent, receive_buffer=4096) as client:
        time.sleep(SENDING_SECONDS + 0.5)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_000_000)
        said = b"".join(iter(lambda: client.recv(100_000), b""))

    header, _, answers = said.partition(b"\r\n\r\n")
    length = int(header.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    assert answers[:length].count(b"Old ") == EMPLOYEES
    assert answers[length:].startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_is_slow_but_not_too_slow_is_served(served: Served) -> None:
    rows = json.dumps([{"id": 1000 + n, "department": "x" * 200} for n in range(400)]).encode()
    sent = served.header("POST /api/v1/departments/", Content_Length=str(len(rows)), **JSON) + rows
    pieces = [sent[start : start + 5000] for start in range(0, len(sent), 5000)]
    with served.connect(b"") as client:
        for piece in pieces:
            time.sleep(2 * SECONDS / len(pieces))
            client.sendall(piece)
        assert client.recv(1000).startswith(b"HTTP/1.1 201 Created")


def test_requests_on_one_connection_are_answered_in_turn(served: Served) -> None:
    three = served.header("GET /healthz") * 2 + served.header("GET /healthz", Connection="close")
    with served.connect(three) as client:
        said = b"".join(iter(lambda: client.recv(10_000), b""))

    assert said.count(b"HTTP/1.1 200 OK") == 3
