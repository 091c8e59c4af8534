"""gunicorn's threaded worker, for clients that are slow: they wait for themselves, and hold no thread.

A request gets a thread when it is there: its header, and its body up to MAX_BODY_BYTES. Until then it is
collected by the main thread, which waits for all connections at once. Longer bodies are read by threads, of
which half never do that. What is left of an answer whose reader is slow, the main thread sends.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import TConn, ThreadWorker

from hrapi.web_server.arrival import Arrival
from hrapi.web_server.client import ClientSocket, Patience

# What a worker collects of requests that are on their way; beyond it they get threads all the same.
MAX_COLLECTED_BYTES = 64 * 1024 * 1024
# How long a client may take to close a connection after its last answer, so that it can read that.
GOODBYE_SECONDS = 2.0

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class _Wait:
    """For how long a connection is waited for, and what happens when that was in vain."""

    patience: Patience
    in_vain: Callable[[], None]


class Worker(ThreadWorker):
    """Waits for clients in its main thread, for all of them at once, and for none of them for long."""

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Raises ValueError for TLS: it would have to wait for clients by itself."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ValueError("Let a proxy end TLS, as in deploy/nginx.conf, without --certfile.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waits: dict[TConn, _Wait] = {}
        self._arrivals: dict[TConn, Arrival] = {}
        # Connections whose bodies threads are reading, and those that are to be next.
        self._reading: set[TConn] = set()
        self._to_be_read: deque[TConn] = deque()

    def enqueue_req(self, conn: TConn) -> None:
        """A connection that is new, or on which the next request begins."""
        if not isinstance(conn.sock, ClientSocket):
            conn.sock = ClientSocket.around(conn.sock)
        conn.init()
        arrival = Arrival(conn.parser.unreader.take_buffered() + conn.sock.take_collected())
        self._arrivals[conn] = arrival
        in_vain = partial(self._end_of_patience, conn)
        self._wait(conn, EVENT_READ, self._on_more, _Wait(arrival.patience, in_vain))
        # Most requests are there as soon as their connection.
        self._on_more(conn)

    def _on_more(self, conn: TConn) -> None:
        arrival = self._arrivals[conn]
        is_ended = False
        try:
            data = conn.sock.receive_now()
            is_ended = not data
            arrival.add(data)
        except BlockingIOError:
            pass
        except OSError:
            self._close(conn)
            return
        if is_ended and not arrival.came:
            self._close(conn)
        elif is_ended or arrival.is_ready() or self._collected_bytes() > MAX_COLLECTED_BYTES:
            self._stop_waiting(conn)
            conn.sock.begin(bytes(arrival.came))
            if arrival.is_whole() or is_ended:
                super().enqueue_req(conn)
            else:
                self._to_be_read.append(conn)
                self._read_next()

    def _read_next(self) -> None:
        while self._to_be_read and len(self._reading) < max(1, self.cfg.threads // 2):
            conn = self._to_be_read.popleft()
            self._reading.add(conn)
            super().enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """The thread is done: what it left is sent, then the next request is waited for, or the end."""
        if conn in self._reading:
            self._reading.remove(conn)
            self._read_next()
        if conn.sock.unsent:
            patience = Patience(settings.SLOW_CLIENT_SECONDS)
            in_vain = partial(self._close, conn)
            on_room = partial(self._send_more, patience=patience, fs=fs)
            self._wait(conn, EVENT_WRITE, on_room, _Wait(patience, in_vain))
        elif fs.cancelled() or fs.exception() is not None or not fs.result():
            self._say_goodbye(conn)
        elif conn.sock.has_collected():
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)

    def _send_more(self, conn: TConn, *, patience: Patience, fs: Future[Any]) -> None:
        try:
            patience.has_moved(conn.sock.send_unsent())
        except BlockingIOError:
            return
        except OSError:
            self._close(conn)
            return
        if not conn.sock.unsent:
            self._stop_waiting(conn)
            self.finish_request(conn, fs)

    def _say_goodbye(self, conn: TConn) -> None:
        """Closes the connection once the client has: what is not read would cut off the end of the answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
        else:
            wait = _Wait(Patience(GOODBYE_SECONDS), partial(self._close, conn))
            self._wait(conn, EVENT_READ, self._on_goodbye, wait)

    def _on_goodbye(self, conn: TConn) -> None:
        try:
            is_open = bool(conn.sock.receive_now())
        except BlockingIOError:
            is_open = True
        except OSError:
            is_open = False
        if not is_open:
            self._close(conn)

    def murder_pending(self) -> None:
        """Called once a second: gives up those who have been waited for too long."""
        super().murder_pending()
        for wait in [wait for wait in self._waits.values() if wait.patience.is_at_its_end()]:
            wait.in_vain()
        if not self.alive:
            for conn in [conn for conn, arrival in self._arrivals.items() if not arrival.came]:
                self._close(conn)

    def _end_of_patience(self, conn: TConn) -> None:
        if self._arrivals[conn].came:
            with suppress(OSError):
                conn.sock.send_now(_TOO_SLOW)
        self._close(conn)

    def _collected_bytes(self) -> int:
        return sum(len(arrival.came) for arrival in self._arrivals.values())

    def _wait(
        self, conn: TConn, event: int, on_ready: Callable[[TConn], None], wait: _Wait
    ) -> None:
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, event, lambda _: on_ready(conn))
        self._waits[conn] = wait

    def _stop_waiting(self, conn: TConn) -> None:
        if self._waits.pop(conn, None):
            self.poller.unregister(conn.sock)
        self._arrivals.pop(conn, None)

    def _close(self, conn: TConn) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()
