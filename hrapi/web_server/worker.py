"""gunicorn's threaded worker, for clients that are slow: they wait for themselves, and hold no thread.

A request gets a thread when it is there: its header, and its body up to MAX_BODY_BYTES. Until then it is
collected by the main thread, which waits for all connections at once, and reads the header: nobody else says
where a request ends. Longer bodies are read by threads, of which half never do that (lane.py). What is left of
an answer whose reader is slow, the main thread sends. Who asks whether the service lives is answered while all
those threads wait for the database.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from django.conf import settings
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from hrapi.web_server.arrival import Arrival
from hrapi.web_server.client import ClientSocket, Patience
from hrapi.web_server.database import limit_waits
from hrapi.web_server.lane import Lane
from hrapi.web_server.parsing import Parser, Request
from hrapi.web_server.refusals import refusal, status_of

# What a worker collects of requests that are on their way; beyond it the one that has most is refused.
MAX_COLLECTED_BYTES = 64 * 1024 * 1024
# How long a new connection may say nothing once the service is being stopped.
STOP_SECONDS = 1.0
# How long a client that sends no more may take to close a connection after its last answer, so that it can read
# that.
GOODBYE_SECONDS = 2.0
# What has a thread of its own, which answers whatever the others wait for.
WATCHED_PATHS = ("/healthz", "/readyz")


@dataclass(frozen=True)
class _Wait:
    """For how long a connection is waited for, and what happens when that was in vain."""

    patience: Patience
    in_vain: Callable[[], None]


class Worker(ThreadWorker):
    """Waits for clients in its main thread, for all of them at once, and for none of them for long."""

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Raises ValueError for TLS, which would wait for clients by itself, and for what is not HTTP/1."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ValueError("Let a proxy end TLS, as in deploy/nginx.conf, without --certfile.")
        if cfg.protocol != "http" or cfg.proxy_protocol != "off" or "h2" in cfg.http_protocols:
            raise ValueError("Let a proxy speak HTTP/1 to the service, as in deploy/nginx.conf.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waits: dict[TConn, _Wait] = {}
        self._arrivals: dict[TConn, Arrival] = {}
        self._collected_bytes = 0
        places = max(1, self.cfg.threads // 2)
        busy = partial(self._refuse, status=HTTPStatus.SERVICE_UNAVAILABLE)
        self._lane = Lane(places, super().enqueue_req, busy)

    def init_process(self) -> None:
        limit_waits()
        self._watched = {path: ThreadPoolExecutor(max_workers=1) for path in WATCHED_PATHS}
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """A connection that is new, or on which the next request begins."""
        if not conn.initialized:
            conn.sock = ClientSocket.around(conn.sock)
            conn.parser = Parser(self.cfg, conn.sock, conn.client)
            conn.initialized = True
        came = conn.parser.unreader.take_buffered() + conn.sock.take_collected()
        arrival = self._arrivals[conn] = Arrival(conn.parser, came)
        self._collected_bytes += len(came)
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
            self._collected_bytes += len(data)
        except BlockingIOError:
            pass
        except OSError:
            self._close(conn)
            return
        had = len(arrival.came)
        try:
            arrival.read_head()
        except ParseException as error:
            self._refuse(conn, status_of(error))
            return
        finally:
            self._collected_bytes -= had - len(arrival.came)
        if is_ended and arrival.request is None:
            self._close(conn)
        elif arrival.request and (is_ended or arrival.is_ready()):
            self._stop_waiting(conn)
            conn.sock.begin(arrival.came, asks_first=arrival.request.asks_first)
            if arrival.is_whole() or is_ended:
                self._answer(conn, arrival.request)
            else:
                self._lane.enter(conn)
        elif self._collected_bytes > MAX_COLLECTED_BYTES:
            most = max(self._arrivals, key=lambda conn: len(self._arrivals[conn].came))
            self._refuse(most, HTTPStatus.SERVICE_UNAVAILABLE)

    def _answer(self, conn: TConn, request: Request) -> None:
        pool = self._watched.get(request.path)
        if pool is None:
            super().enqueue_req(conn)
            return
        future = pool.submit(self.handle, conn)
        future.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """The thread is done: what it left is sent, then the next request is waited for, or the end."""
        self._lane.leave(conn)
        if conn.sock.unsent:
            patience = Patience(settings.SLOW_CLIENT_SECONDS)
            in_vain = partial(self._close, conn)
            on_room = partial(self._send_more, patience=patience, fs=fs)
            self._wait(conn, EVENT_WRITE, on_room, _Wait(patience, in_vain))
        elif fs.cancelled() or fs.exception() is not None or not fs.result():
            self._say_goodbye(conn)
        elif conn.sock.collected_bytes():
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Of a connection that goes on, the whole body is there."""
        if keepalive:
            conn.parser.mesg.skip_body()
        return bool(super()._keepalive_after(conn, keepalive))

    def handle_error(self, req: Any, client: ClientSocket, addr: Any, exc: Exception) -> None:
        """Answers what a thread could not, instead of gunicorn's page, which quotes the request."""
        status = status_of(exc)
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("A request failed.", exc_info=exc)
        with suppress(OSError):
            client.sendall(refusal(status))

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
        """Closes the connection once the client has, or is too slow.

        What is not read would cut off the end of the answer.
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
        else:
            patience = Patience(GOODBYE_SECONDS)
            on_more = partial(self._on_goodbye, patience=patience)
            self._wait(conn, EVENT_READ, on_more, _Wait(patience, partial(self._close, conn)))

    def _on_goodbye(self, conn: TConn, *, patience: Patience) -> None:
        try:
            discarded = conn.sock.discard_now()
        except BlockingIOError:
            return
        except OSError:
            discarded = 0
        if discarded:
            patience.has_moved(discarded)
        else:
            self._close(conn)

    def murder_pending(self) -> None:
        """Called once a second: gives up those who have been waited for too long."""
        super().murder_pending()
        self._lane.look_after()
        for wait in [wait for wait in self._waits.values() if wait.patience.is_at_its_end()]:
            wait.in_vain()
        if not self.alive:
            for conn, arrival in list(self._arrivals.items()):
                if not arrival.has_begun() and arrival.patience.spent() > STOP_SECONDS:
                    self._close(conn)

    def set_accept_enabled(self, enabled: bool) -> None:
        """A worker that stops takes those who have connected, and then listens no longer."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        for listener in self.sockets:
            poll = select.poll()
            poll.register(listener, select.POLLIN)
            while poll.poll(0):
                self.accept(listener)
            listener.close()

    def _end_of_patience(self, conn: TConn) -> None:
        if self._arrivals[conn].has_begun():
            self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._close(conn)

    def _refuse(self, conn: TConn, status: HTTPStatus) -> None:
        self._stop_waiting(conn)
        with suppress(OSError):
            conn.sock.send_now(refusal(status))
        self._say_goodbye(conn)

    def _wait(
        self, conn: TConn, event: int, on_ready: Callable[[TConn], None], wait: _Wait
    ) -> None:
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, event, lambda _: on_ready(conn))
        self._waits[conn] = wait

    def _stop_waiting(self, conn: TConn) -> None:
        if self._waits.pop(conn, None):
            self.poller.unregister(conn.sock)
        if arrival := self._arrivals.pop(conn, None):
            self._collected_bytes -= len(arrival.came)

    def _close(self, conn: TConn) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()
