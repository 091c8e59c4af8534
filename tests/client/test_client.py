"""Requests of the client: what is tried again, what is an error, where the token goes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hrapi.client import Client, ClientError, retrying
from hrapi.client.columns import describe
from hrapi.client.errors import UsageError
from hrapi.client.pushing.tables import shape_of
from tests.client.answering import Answering, Said, answering, problem
from tests.installation import PROJECT, free_port

ROWS = [{"id": 1, "name": "Zoë"}, {"id": 2, "name": None}, {"id": 3, "name": "]"}]
BODY = json.dumps(ROWS).encode()
ETAG = {"ETag": 'W/"1"'}

BLOCKED = """
import sys, importlib, pkgutil
class Block:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in {"django", "rest_framework", "psycopg2", "environ", "drf_spectacular"}:
            raise ImportError(name)
sys.meta_path.insert(0, Block())
import hrapi.client
names = [m.name for m in pkgutil.walk_packages(hrapi.client.__path__, "hrapi.client.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "_growing", lambda state: 0.01)


def client_of(server: Answering, **options: Any) -> Client:
    return Client(server.address, "secret", **options)


def test_nothing_of_the_client_needs_django() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED], cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert int(done.stdout) > 3


def test_get_sends_the_token_and_the_parameters() -> None:
    with answering(Said(body=BODY)) as server, client_of(server) as client:
        answer = client.get("/api/v1/datasets/hires/", year=2021)

    assert answer.json() == ROWS
    [asked] = server.asked
    assert asked.path == "/api/v1/datasets/hires/?year=2021"
    assert asked.headers["Authorization"] == "Token secret"


def test_an_address_may_have_a_path() -> None:
    with (
        answering(Said()) as server,
        Client(f"{server.address}/hr", "secret") as client,
    ):
        client.get("/api/v1/datasets/")

    assert server.asked[0].path == "/hr/api/v1/datasets/"


@pytest.mark.parametrize(
    "passing",
    [
        problem(503, "service_unavailable", Retry_After="0"),
        problem(429, "throttled"),
        problem(500, "internal_error"),
        problem(409, "idempotency_in_progress"),
        Said(502, b"<html>", {"Content-Type": "text/html"}),
        Said(200, BODY, cut=5),
        Said(200, BODY, cut=0),
    ],
    ids=lambda said: f"{said.status}-{said.cut}",
)
def test_what_passes_is_tried_again(passing: Said) -> None:
    with answering(passing, passing, Said(body=BODY)) as server, client_of(server) as client:
        assert client.get("/x").json() == ROWS

    assert len(server.asked) == 3


def test_retry_after_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    busy = problem(503, "service_unavailable", Retry_After="7")

    with answering(busy, Said()) as server, client_of(server) as client:
        client.get("/x")

    assert pauses == [7.0]


def test_a_service_that_stays_away_is_an_error_that_says_so() -> None:
    port = free_port()

    with (
        Client(f"http://127.0.0.1:{port}", "secret", retry_for=0.1) as client,
        pytest.raises(ClientError, match=r"cannot be reached.*that the service runs") as caught,
    ):
        client.get("/x")

    assert (caught.value.status, caught.value.is_passing) == (None, True)


def test_a_refusal_says_status_code_detail_request_and_what_to_do() -> None:
    refused = problem(403, "permission_denied", X_Request_ID="r-1")

    with (
        answering(refused) as server,
        client_of(server) as client,
        pytest.raises(ClientError) as caught,
    ):
        client.get("/x")

    assert len(server.asked) == 1
    assert str(caught.value) == (
        "The service answers 403 permission_denied: It is permission_denied. The user of the token, or its"
        " scopes, may not do this: see the groups and scopes in the documents. (X-Request-ID: r-1)"
    )
    assert (caught.value.status, caught.value.code) == (403, "permission_denied")
    assert caught.value.request_id == "r-1"


def test_a_page_of_somebody_else_is_told_from_a_refusal_of_the_service() -> None:
    page = Said(404, b"<html>", {"Content-Type": "text/html"})

    with (
        answering(page) as server,
        client_of(server) as client,
        pytest.raises(
            ClientError, match=r"404: Not Found\. The body is text/html, so it is not the"
        ),
    ):
        client.get("/x")


def test_a_redirect_is_not_followed() -> None:
    with answering(Said()) as other:
        moved = Said(301, headers={"Location": f"{other.address}/x"})
        with (
            answering(moved) as server,
            client_of(server) as client,
            pytest.raises(ClientError, match="If that is the service, give its address"),
        ):
            client.get("/x")

    assert other.asked == []


def test_a_link_to_another_host_is_not_asked_for() -> None:
    with (
        answering(Said()) as other,
        answering(Said()) as server,
        client_of(server) as client,
        pytest.raises(ClientError, match="the token is not sent there"),
    ):
        client.get(f"{other.address}/x")

    assert other.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://hr.example.com",
        "http://localhost.example.com",
        "http://192.168.0.1:8000",
        "http://[fe80::1]",
    ],
)
def test_by_plain_http_the_token_goes_to_this_machine_only(address: str) -> None:
    with pytest.raises(UsageError, match="use https://"):
        Client(address, "secret")

    Client(address, "secret", allow_http=True).close()


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8000", "http://127.0.0.2", "http://[::1]:8000/", "https://hr.example.com"],
)
def test_to_this_machine_or_by_https_the_token_may_go(address: str) -> None:
    Client(address, "secret").close()


def test_a_dataset_that_never_begins_is_tried_for_the_time_given_and_no_longer() -> None:
    away = problem(429, "throttled", Retry_After="1000")

    with (
        answering(away) as server,
        client_of(server, retry_for=0.1) as client,
        pytest.raises(ClientError, match="throttled"),
    ):
        list(client.rows("hires"))

    assert len(server.asked) == 1


@pytest.mark.parametrize("ask", [shape_of, describe])
@pytest.mark.parametrize("body", [b"<html>", b"\xff\x00", b'{"a": 1}', b"[1]", b""])
def test_what_does_not_describe_a_service_is_told_so(
    ask: Callable[[Client, str], object], body: bytes
) -> None:
    with (
        answering(Said(body=body)) as server,
        client_of(server) as client,
        pytest.raises(ClientError, match="Is it the address of the service"),
    ):
        ask(client, "jobs")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_token_for_this_machine_goes_to_no_proxy(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with answering(Said()) as proxy, answering(Said()) as server:
        monkeypatch.setenv(name, proxy.address)
        with client_of(server) as client:
            client.get("/x")

    assert (len(proxy.asked), len(server.asked)) == (0, 1)


@pytest.mark.parametrize(
    "address", ["", "hr.example.com", "ftp://x", "https://", "https://a:b@x", "https://x?y=1"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"like https://hr\.example\.com"):
        Client(address, "secret")


def test_rows_come_one_by_one_as_they_are() -> None:
    with answering(Said(body=BODY)) as server, client_of(server) as client:
        rows = client.rows("hires", year=2021)
        assert isinstance(rows, Iterator)
        assert list(rows) == ROWS

    assert server.asked[0].path == "/api/v1/datasets/hires/?year=2021"


def test_no_rows_are_no_rows() -> None:
    with answering(Said(body=b"[]")) as server, client_of(server) as client:
        assert list(client.rows("hires")) == []


def test_after_a_break_rows_go_on_where_they_ended() -> None:
    cut = BODY.index(b'{"id": 3')
    with (
        answering(
            Said(body=BODY, headers=ETAG, cut=cut),
            Said(body=BODY, headers=ETAG),
            Said(304, b"", ETAG),
        ) as server,
        client_of(server) as client,
    ):
        assert list(client.rows("hires")) == ROWS

    assert server.asked[2].headers["If-None-Match"] == ETAG["ETag"]


@pytest.mark.parametrize(
    "then",
    [
        [Said(body=BODY, headers={"ETag": 'W/"2"'})],
        [Said(body=BODY, headers=ETAG), Said(body=BODY, headers={"ETag": 'W/"2"'})],
        [Said(body=BODY)],
    ],
    ids=["other data", "changed while it was asked for", "no ETag"],
)
def test_after_a_break_other_data_are_an_error(then: list[Said]) -> None:
    cut = BODY.index(b'{"id": 3')
    with (
        answering(Said(body=BODY, headers=ETAG, cut=cut), *then) as server,
        client_of(server) as client,
        pytest.raises(ClientError, match="rows could be missing or there twice"),
    ):
        list(client.rows("hires"))


def test_a_dataset_that_always_breaks_is_an_error() -> None:
    with (
        answering(Said(body=BODY, headers=ETAG, cut=3)) as server,
        client_of(server) as client,
        pytest.raises(ClientError, match=r"The connection to .* broke"),
    ):
        list(client.rows("hires"))


@pytest.mark.parametrize("body", [b'{"next": null}', b"", b"<html>", b"[1, 2", b"[}]"])
def test_what_is_no_array_of_rows_is_an_error(body: bytes) -> None:
    with (
        answering(Said(body=body)) as server,
        client_of(server) as client,
        pytest.raises(ClientError, match="is no array of rows"),
    ):
        list(client.rows("hires"))
