"""Requests that wait for the database: the service says so, and says that it lives, meanwhile."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from hrapi.ingestion.transactions import lock_number
from hrapi.web_server import database
from tests.embedded_postgres.harness import PATIENCE, wait_until
from tests.faults.installed import digests, service, token
from tests.installation import Installation
from tests.web_server.served import Served

THREADS = 4
LOCK_WAIT_SECONDS = 3
ROWS = b'[{"id": 9001, "department": "Law"}, {"id": 9002}]'
POST = "POST /api/v1/departments/"
LIST = "GET /api/v1/departments/"


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with service(employees=0) as made:
        made.environment |= {"LOCK_WAIT_SECONDS": str(LOCK_WAIT_SECONDS)}
        yield made


@pytest.fixture(scope="module")
def secret(installed: Installation) -> str:
    return token(installed)


@pytest.fixture
def served(installed: Installation, secret: str) -> Iterator[Served]:
    with installed.serving() as port:
        yield Served(installed, port, secret)


@contextmanager
def clients(served: Served, request: str, body: bytes = b"") -> Iterator[list[socket.socket]]:
    """Twice as many as there are threads."""
    headers = {"Content_Type": "application/json", "Content_Length": str(len(body))}
    sent = served.header(request, Connection="close", **headers) + body
    with ExitStack() as stack:
        yield [stack.enter_context(served.connect(sent)) for _ in range(2 * THREADS)]


def assert_unanswered(waiting: list[socket.socket]) -> None:
    assert select.select(waiting, [], [], 0)[0] == []


def answer(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(100_000), b""))


def waiting_sessions(installed: Installation) -> int:
    [[number]] = installed.query(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    )
    return int(number)


HELD = {
    "a table": "LOCK TABLE departments IN ACCESS EXCLUSIVE MODE",
    "a table for writers": "LOCK TABLE departments IN SHARE ROW EXCLUSIVE MODE",
    "an advisory lock": f"SELECT pg_advisory_xact_lock({lock_number('arrivals departments')})",
}


@pytest.mark.slow
@pytest.mark.parametrize("statement", HELD.values(), ids=HELD)
def test_batches_that_wait_for_a_lock_are_answered_and_nothing_of_them_is_stored(
    served: Served, statement: str
) -> None:
    before = digests(served.installed)
    with served.installed.connection(autocommit=False) as cursor:
        cursor.execute(statement)
        with clients(served, POST, ROWS) as waiting:
            wait_until(lambda: waiting_sessions(served.installed) == THREADS)

            assert served.ask("/healthz") == 200
            assert served.ask("/readyz") == 200
            assert_unanswered(waiting)

            said = [answer(client) for client in waiting]

    for each in said:
        assert each.startswith(b"HTTP/1.1 503 "), each
        assert b"\r\nRetry-After: 5\r\n" in each
        assert b'"service_unavailable"' in each
    assert digests(served.installed) == before


@pytest.mark.slow
def test_a_command_waits_for_as_long_as_it_takes(installed: Installation) -> None:
    with installed.connection(autocommit=False) as cursor:
        cursor.execute(HELD["a table"])
        loading = installed.start("load", "departments", "-")
        assert loading.stdin
        loading.stdin.write(b"9003,Law\n")
        loading.stdin.close()
        loading.stdin = None
        wait_until(installed.someone_waits)
        time.sleep(LOCK_WAIT_SECONDS + 1)
        assert installed.someone_waits()

    loading.communicate(timeout=PATIENCE)
    assert loading.returncode == 0


@contextmanager
def hanging_database(installed: Installation) -> Iterator[None]:
    """The server and all that it has started are there, and do nothing."""
    server = installed.server_pid()
    children = Path(f"/proc/{server}/task/{server}/children").read_text()
    processes = [server, *(int(pid) for pid in children.split())]
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_while_the_database_hangs_the_service_lives_and_is_not_ready(served: Served) -> None:
    # So that threads have connections.
    with clients(served, LIST) as first:
        assert all(answer(client).startswith(b"HTTP/1.1 200 ") for client in first)
    assert served.ask("/readyz") == 200

    with hanging_database(served.installed), clients(served, LIST) as waiting:
        for _ in range(3):
            assert served.ask("/healthz") == 200
            assert served.ask("/readyz") == 503
        assert_unanswered(waiting[:1])

    wait_until(lambda: served.ask("/readyz") == 200)
    assert served.ask() == 200


@pytest.mark.slow
def test_health_is_answered_as_ever(served: Served) -> None:
    said = served.said(b"GET /healthz HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 400 ")

    said = served.said(served.header("GET /healthz?a=1") + served.header(LIST, Connection="close"))
    header, _, body = said.partition(b"\r\n\r\n")
    assert header.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nX-Content-Type-Options: nosniff" in header
    assert body.startswith(b'{"status":"ok"}HTTP/1.1 200 OK\r\n')


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for variable in ("PGOPTIONS", "PGCONNECT_TIMEOUT"):
        monkeypatch.delenv(variable, raising=False)
    options: dict[str, Any] = {}
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", options)
    return options


def test_the_waits_of_a_web_process_are_limited(options: dict[str, Any], settings: Any) -> None:
    settings.LOCK_WAIT_SECONDS = 7

    database.limit_waits()

    assert options.pop("options") == "-c lock_timeout=7s"
    assert options.pop("connect_timeout") == 5
    assert set(options) == {"keepalives_idle", "keepalives_interval", "tcp_user_timeout"}


def test_what_the_url_says_stays(options: dict[str, Any]) -> None:
    said = {"options": "-c search_path=hr", "connect_timeout": 60, "tcp_user_timeout": 0}
    options |= said

    database.limit_waits()

    assert {name: options[name] for name in said} == said


def test_what_variables_of_libpq_say_stays(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=0")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "0")

    database.limit_waits()

    assert not {"options", "connect_timeout"} & set(options)
