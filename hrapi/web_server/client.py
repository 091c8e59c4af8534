"""The socket of a client, as the threads of a web worker use it: they wait for nobody for long."""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings

from hrapi.web_server.unsent import Unsent

# A client slower than this for longer than SLOW_CLIENT_SECONDS is given up.
BYTES_PER_SECOND = 16 * 1024
# How long a thread waits, beyond that pace, for the reader of an answer, before it puts the rest on the disk.
SENDING_SECONDS = 1.0
# How much of what nobody asked for is thrown away.
MAX_DISCARDED_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

logger = logging.getLogger(__name__)


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

    def spent(self) -> float:
        """Seconds of it that are gone, the present waiting among them."""
        return self._most - self.left + time.monotonic() - self._since

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

    def begin(self, collected: bytes | bytearray = b"", *, asks_first: bool = False) -> None:
        """Before each request, of which this came already: it is received before anything else.

        A client that `asks_first` is told to send more when more is asked of it.
        """
        self._collected = memoryview(collected)
        self._asks_first = asks_first
        self._is_receiving = False
        self._discarded = 0
        self._reading = Patience(settings.SLOW_CLIENT_SECONDS)
        self._sending = Patience(SENDING_SECONDS)
        self.unsent: Unsent | None = None

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Waits while there is patience."""
        if self._collected:
            data = bytes(self._collected[:size])
            self._collected = self._collected[size:]
            return data
        if self._reading.left <= 0:
            raise _TooSlowError
        if self._asks_first:
            self._asks_first = False
            self.sendall(_CONTINUE)
        with self._waiting(self._reading):
            self._is_receiving = True
            try:
                data = super().recv(size, flags)
            finally:
                self._is_receiving = False
            self._reading.has_moved(len(data))
        return data

    def hurry(self, seconds: float) -> None:
        """Ends the body of a client that keeps a thread waiting for it, and has for longer than this."""
        if self._is_receiving and self._reading.spent() > seconds:
            with suppress(OSError):
                self.shutdown(socket.SHUT_RD)

    def collected_bytes(self) -> int:
        return len(self._collected)

    def take_collected(self) -> bytes:
        """What was collected and not received: it belongs to the next request."""
        left, self._collected = bytes(self._collected), memoryview(b"")
        return left

    def receive_now(self) -> bytes:
        """What is there. Raises BlockingIOError when nothing is."""
        return super().recv(_CHUNK_BYTES, socket.MSG_DONTWAIT)

    def discard_now(self) -> int:
        """Throws away what is there, and tells how much; 0 at the end, or when it has been too much in all.

        Raises BlockingIOError when nothing is there.
        """
        size = len(self.receive_now())
        self._discarded += size
        return size if self._discarded <= MAX_DISCARDED_BYTES else 0

    def send_now(self, data: bytes) -> int:
        """Sends what there is room for. Raises BlockingIOError when there is none."""
        return super().send(data, socket.MSG_DONTWAIT)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Sends, and puts into `unsent` what the reader is too slow for.

        Raises ConnectionResetError when there is no room for it.
        """
        left = memoryview(data)
        while left and self.unsent is None:
            try:
                with self._waiting(self._sending):
                    sent = super().send(left, flags)
                    self._sending.has_moved(sent)
                left = left[sent:]
            except _TooSlowError:
                break
        if not left:
            return
        try:
            self.unsent = self.unsent or Unsent()
            self.unsent.add(left)
        except OSError as error:
            self._cut_off(error)
            raise _TooSlowError from error

    def send_unsent(self) -> int:
        """Sends of it what there is room for, and tells how much. Raises OSError, BlockingIOError for nothing."""
        if not self.unsent:
            return 0
        try:
            data = self.unsent.next()
        except OSError as error:
            self._cut_off(error)
            raise
        sent = self.send_now(data)
        if self.unsent.has_sent(sent):
            self._forget_unsent()
        return sent

    def _cut_off(self, error: OSError) -> None:
        logger.error("An answer was cut off, and its connection closed: %s", error)
        self._forget_unsent()

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
