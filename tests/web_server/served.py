"""A service of one worker with four threads, and the sockets of its clients."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass

from tests.embedded_postgres.harness import PATIENCE
from tests.installation import Installation

# For how long a client may be slow.
SECONDS = 2
# More of an answer than the sockets between two processes hold.
EMPLOYEES = 80_000


@dataclass(frozen=True)
class Served:
    """A service, and who may use it."""

    installed: Installation
    port: int
    token: str

    def header(self, request: str, **headers: str) -> bytes:
        lines = [request + " HTTP/1.1", "Host: localhost", f"Authorization: Token {self.token}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def connect(self, sent: bytes, *, receive_buffer: int = 0) -> socket.socket:
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sent)
        return client

    def ask(self, path: str = "/api/v1/departments/") -> int:
        """The status for a client that is not slow."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            client.request("GET", path, headers={"Authorization": f"Token {self.token}"})
            response = client.getresponse()
            response.read()
            return response.status
        finally:
            client.close()

    def said(self, sent: bytes) -> bytes:
        """All that is answered until the service ends the connection."""
        with self.connect(sent) as client:
            return b"".join(iter(lambda: client.recv(100_000), b""))
