"""A request on its way: what has come of it, and whether that is all."""

from __future__ import annotations

from django.conf import settings
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders, LimitRequestLine

from hrapi.web_server.client import Patience
from hrapi.web_server.limits import MAX_HEADER_BYTES
from hrapi.web_server.parsing import Parser, Request

_END = b"\r\n\r\n"


class Arrival:
    """What has come of the next request of a connection, and the patience with it."""

    def __init__(self, parser: Parser, came: bytes) -> None:
        self.came = bytearray(came)
        """The header, until it is there; then of the body and whatever follows."""
        self.request: Request | None = None
        self.patience = Patience(settings.SLOW_CLIENT_SECONDS)
        self._parser = parser
        self._searched = 0

    def has_begun(self) -> bool:
        return bool(self.came) or self.request is not None

    def add(self, data: bytes) -> None:
        self.patience.has_moved(len(data))
        self.came += data

    def read_head(self) -> None:
        """Reads the header when it is there. Raises ParseException for one that nobody needs to wait for."""
        if self.request is not None or not self.came:
            return
        end = self.came.find(_END, self._searched)
        if end < 0:
            self._check_beginning()
            self._searched = max(0, len(self.came) - len(_END) + 1)
            return
        head = bytes(self.came[: end + len(_END)])
        del self.came[: len(head)]
        self.request = self._parser.read_head(head)

    def is_ready(self) -> bool:
        """Whether a thread can take it: all is there, or the rest is not to be collected."""
        if self.request is None:
            return False
        length = self.request.body_bytes()
        is_collected = length <= settings.MAX_BODY_BYTES and not self.request.asks_first
        return not is_collected or len(self.came) >= length

    def is_whole(self) -> bool:
        """Whether the thread that takes it need not wait."""
        return self.request is not None and len(self.came) >= self.request.body_bytes()

    def _check_beginning(self) -> None:
        is_text = self.came[:1].isalpha() or self.came[:1] == b"\r"
        if not is_text or self.came.count(b"\n") != self.came.count(b"\r\n"):
            raise InvalidRequestLine("")
        if len(self.came) > MAX_HEADER_BYTES:
            if b"\r\n" in self.came:
                raise LimitRequestHeaders("")
            raise LimitRequestLine(len(self.came), MAX_HEADER_BYTES)
