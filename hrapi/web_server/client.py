"""The socket of a client, as the threads of a web worker use it: they wait for nobody for long."""

from __future__ import annotations

import errno
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.conf import settings

# A client slower than this for longer than SLOW_CLIENT_SECONDS is given up.
BYTES_PER_SECOND = 16 * 1024
# How long a thread waits, beyond that pace, for the reader of an answer, before it puts the rest on the disk.
SENDING_SECONDS = 1.0
# How much of one answer may be there; beyond it the reader is given up.
MAX_UNSENT_BYTES = 256 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class _TooSlowError(ConnectionResetError):
    """An error that gunicorn does not log."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "The client is too slow.")


class Patience:
    """How many seconds a client may still be waited for. Waiting takes of it, each byte brings some back."""

    def __init__(self, seconds: float) -> None:
        self.left = self._most = seconds
        self._since = time.monotonic()

    def begin(self) -> None:
        self._since = time.monotonic()

    def has_moved(self, size: int) -> None:
        """Bytes have come or gone; the time since `begin`, or since the last ones, was spent waiting."""
        now = time.monotonic()
        self.left = min(self._most, self.left - (now - self._since) + size / BYTES_PER_SECOND)
        self._since = now

    def is_at_its_end(self) -> bool:
        return time.monotonic() - self._since > self.left


class ClientSocket(socket.socket):
    """A socket that raises ConnectionResetError for a client that sends too slowly.

    What its reader is too slow for is put into a file, `unsent`, so that the thread need not wait.
    """

    @classmethod
    def around(cls, plain: socket.socket) -> ClientSocket:
        client = cls(fileno=plain.detach())
        client.begin()
        return client

    def begin(self, collected: bytes = b"") -> None:
        """Before each request, of which this came already: it is received before anything else."""
        self._collected = memoryview(collected)
        self._reading = Patience(settings.SLOW_CLIENT_SECONDS)
        self._sending = Patience(SENDING_SECONDS)
        self.unsent: IO[bytes] | None = None
        self._unsent_bytes = self._sent_bytes = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Waits while there is patience."""
        if self._collected:
            data = bytes(self._collected[:size])
            self._collected = self._collected[size:]
            return data
        if self._reading.left <= 0:
            raise _TooSlowError
        with self._waiting(self._reading):
            data = super().recv(size, flags)
            self._reading.has_moved(len(data))
        return data

    def has_collected(self) -> bool:
        return bool(self._collected)

    def take_collected(self) -> bytes:
        """What was collected and not received: it belongs to the next request."""
        left, self._collected = bytes(self._collected), memoryview(b"")
        return left

    def receive_now(self) -> bytes:
        """What is there. Raises BlockingIOError when nothing is."""
        return super().recv(_CHUNK_BYTES, socket.MSG_DONTWAIT)

    def send_now(self, data: bytes) -> int:
        """Sends what there is room for. Raises BlockingIOError when there is none."""
        return super().send(data, socket.MSG_DONTWAIT)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Sends, and puts into `unsent` what the reader is too slow for."""
        left = memoryview(data)
        while left and self.unsent is None:
            try:
                with self._waiting(self._sending):
                    sent = super().send(left, flags)
                    self._sending.has_moved(sent)
                left = left[sent:]
            except _TooSlowError:
                self.unsent = tempfile.TemporaryFile()  # noqa: SIM115 - closed when all is sent
        if left and self.unsent:
            self._unsent_bytes += len(left)
            if self._unsent_bytes > MAX_UNSENT_BYTES:
                self._forget_unsent()
                raise _TooSlowError
            self.unsent.write(left)

    def send_unsent(self) -> int:
        """Sends of it what there is room for, and tells how much. Raises BlockingIOError for nothing."""
        if not self.unsent:
            return 0
        self.unsent.seek(self._sent_bytes)
        data = self.unsent.read(_CHUNK_BYTES)
        sent = self.send_now(data) if data else 0
        self._sent_bytes += sent
        if self._sent_bytes == self._unsent_bytes:
            self._forget_unsent()
        return sent

    @contextmanager
    def _waiting(self, patience: Patience) -> Iterator[None]:
        self.settimeout(max(patience.left, 0))
        patience.begin()
        try:
            yield
        except (TimeoutError, BlockingIOError):
            patience.left = 0
            raise _TooSlowError from None

    def close(self) -> None:
        self._forget_unsent()
        super().close()

    def _forget_unsent(self) -> None:
        if self.unsent:
            self.unsent.close()
        self.unsent = None
