"""An S3 server in this process that keeps objects in memory, and goes wrong where it is told to."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LIST = "LIST"


@dataclass
class FakeS3:
    """`fault(method, key)` says what goes wrong with a request, "" for nothing.

    A status: that is the answer, and nothing was done. `hang`: no answer. `cut`: the connection ends in the
    middle. `lost`: it is done, but the answer does not arrive. `spoilt`: what arrives is not what was sent.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    fault: Callable[[str, str], str] = lambda method, key: ""
    requests: list[tuple[str, str]] = field(default_factory=list)

    def asked(self, method: str) -> list[str]:
        """The keys of all requests of a method."""
        return [key for asked, key in self.requests if asked == method]


@contextmanager
def serve(fake: FakeS3) -> Iterator[str]:
    """The address of the server."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeS3

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._handle(LIST, lambda: (200, self._listing(query.get("prefix", [""])[0])))
        else:
            body = self.fake.objects.get(self._key)
            self._handle("GET", lambda: (404, b"") if body is None else (200, body))

    def do_DELETE(self) -> None:
        def work() -> tuple[int, bytes]:
            self.fake.objects.pop(self._key, None)
            return 204, b""

        self._handle("DELETE", work)

    def do_PUT(self) -> None:
        def work() -> tuple[int, bytes]:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.fault == "spoilt":
                body = body[:-1] + b"x"
            sent = self.headers.get("Content-MD5")
            if sent and sent != base64.b64encode(hashlib.md5(body).digest()).decode():
                return 400, b"<Error><Code>BadDigest</Code></Error>"
            if self.headers.get("If-None-Match") == "*" and self._key in self.fake.objects:
                return 412, b"<Error><Code>PreconditionFailed</Code></Error>"
            self.fake.objects[self._key] = body
            return 200, b""

        self._handle("PUT", work)

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    def _handle(self, method: str, work: Callable[[], tuple[int, bytes]]) -> None:
        self.fault = self.fake.fault(method, self._key)
        self.fake.requests.append((method, self._key))
        if self.fault == "hang":
            time.sleep(3)
            self.close_connection = True
            return
        if self.fault.isdecimal():
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(int(self.fault), b"")
            return
        if self.fault == "cut" and method == "PUT":
            self._hang_up()
            return
        status, body = work()
        if self.fault == "lost":
            self._hang_up()
            return
        self._answer(status, body)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.fault == "cut":
            self.wfile.write(body[: len(body) // 2])
            self._hang_up()
        else:
            self.wfile.write(body)

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _listing(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-11-26T00:00:00.000Z</LastModified></Contents>"
            for key in sorted(self.fake.objects)
            if key.startswith(prefix)
        )
        return (
            '<?xml version="1.0"?><ListBucketResult><Name>hr</Name><IsTruncated>false</IsTruncated>'
            f"{found}</ListBucketResult>"
        ).encode()

    def log_message(self, *arguments: Any) -> None:
        """Not to the tests' output."""
