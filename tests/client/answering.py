"""A server that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Said:
    """An answer. With `cut` the connection ends before so many bytes of the body have been sent."""

    status: int = 200
    body: bytes = b"[]"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answering:
    port: int
    asked: list[Asked]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def problem(status: int, code: str, **headers: str) -> Said:
    body = {"status": status, "code": code, "detail": f"It is {code}."}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(
        status, json.dumps(body).encode(), {"Content-Type": "application/problem+json"} | named
    )


@contextmanager
def answering(*answers: Said) -> Iterator[Answering]:
    """Gives the answers one after the other; the last of them again and again."""
    left = list(answers)
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            asked.append(Asked(self.command, self.path, dict(self.headers), body))
            said = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(said.status)
            headers = {"Content-Type": "application/json"} | said.headers
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body[: said.cut])
            self.close_connection = said.cut is not None

        do_GET = do_POST = handle_request  # noqa: N815 - its names

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield Answering(server.server_address[1], asked)
        finally:
            server.shutdown()
            thread.join()
