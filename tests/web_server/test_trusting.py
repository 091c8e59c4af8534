"""What a client says about itself and about the address of the service, and how long that may be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hrapi.web_server.limits import MAX_LINE_BYTES
from tests.faults.installed import service, token
from tests.web_server.served import Served

pytestmark = pytest.mark.slow

CATALOGUE = "/api/v1/datasets/"
CLAIMS = [
    b"X-Forwarded-Proto: https",
    b"X-Forwarded-Protocol: ssl",
    b"X-Forwarded-Ssl: on",
    b"SCRIPT_NAME: /evil",
    b"SCRIPT_NAME: /api",
    b"Script_Name: /api",
    b"PATH_INFO: /healthz",
]


@pytest.fixture(scope="module")
def idle() -> Iterator[Served]:
    with service(employees=0) as installed, installed.serving() as port:
        yield Served(installed, port, token(installed))


def body(served: Served, claim: bytes = b"X-Y: z") -> bytes:
    """The catalogue, whose links tell where the service takes itself to be."""
    header = served.header(f"GET {CATALOGUE}", Connection="close")
    head, _, rest = served.said(header[:-2] + claim + b"\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return rest


@pytest.mark.parametrize("claim", CLAIMS, ids=bytes.decode)
def test_nobody_tells_the_service_where_it_is(idle: Served, claim: bytes) -> None:
    assert b'"url":"http://localhost/api/v1/datasets/departments/"' in body(idle)
    assert body(idle, claim) == body(idle)


@pytest.mark.parametrize("more, status", [(0, b"200"), (1, b"414")])
def test_how_long_an_address_may_be(idle: Served, more: int, status: bytes) -> None:
    line = "GET /healthz?"
    line += "x" * (MAX_LINE_BYTES - len(line) - len(" HTTP/1.1") + more)

    assert idle.said(idle.header(line, Connection="close")).startswith(b"HTTP/1.1 " + status)


def test_a_proxy_that_is_known_of_tells_the_scheme(idle: Served) -> None:
    idle.installed.environment["NUM_PROXIES"] = "1"
    with idle.installed.serving() as port:
        behind = Served(idle.installed, port, idle.token)

        assert b'"url":"http://localhost/' in body(behind)
        assert b'"url":"https://localhost/' in body(behind, b"X-Forwarded-Proto: https")
        assert b'"url":"http://localhost/' in body(behind, b"X-Forwarded-Ssl: on")
