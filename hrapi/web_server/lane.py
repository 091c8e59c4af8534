"""The threads that may read bodies which are not there yet: a few, so that the others never wait for a sender."""

from __future__ import annotations

import select
from collections.abc import Callable

from gunicorn.workers.gthread import TConn

from hrapi.web_server.client import Patience

# How long a connection waits for its turn.
TURN_SECONDS = 30.0
# How long a sender may keep a thread waiting while others wait for their turn.
CROWDED_SECONDS = 2.0


class Lane:
    """Connections whose bodies threads are reading, at most `places` at once, and those that are to be next."""

    def __init__(
        self, places: int, start: Callable[[TConn], None], refuse: Callable[[TConn], None]
    ) -> None:
        self._places, self._start, self._refuse = places, start, refuse
        self._reading: set[TConn] = set()
        self._waiting: dict[TConn, Patience] = {}

    def enter(self, conn: TConn) -> None:
        self._waiting[conn] = Patience(TURN_SECONDS)
        self._read_next()

    def leave(self, conn: TConn) -> None:
        """The thread is done with a connection, of the lane or not."""
        if conn in self._reading:
            self._reading.remove(conn)
            self._read_next()

    def look_after(self) -> None:
        """To be called once a second."""
        for conn in self._that_send_no_more():
            # All that will ever come is there: no thread has to wait for it.
            del self._waiting[conn]
            self._start(conn)
        for conn in [conn for conn, turn in self._waiting.items() if turn.is_at_its_end()]:
            del self._waiting[conn]
            self._refuse(conn)
        if self._waiting:
            for conn in self._reading:
                conn.sock.hurry(CROWDED_SECONDS)

    def _read_next(self) -> None:
        while self._waiting and len(self._reading) < self._places:
            conn = next(iter(self._waiting))
            del self._waiting[conn]
            self._reading.add(conn)
            self._start(conn)

    def _that_send_no_more(self) -> list[TConn]:
        poll = select.poll()
        for conn in self._waiting:
            # Where there is no such event (macOS), only connections that are broken are found.
            poll.register(conn.sock, getattr(select, "POLLRDHUP", 0))
        ended = {fileno for fileno, _ in poll.poll(0)} if self._waiting else set()
        return [conn for conn in self._waiting if conn.sock.fileno() in ended]
