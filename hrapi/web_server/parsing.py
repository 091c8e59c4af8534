"""The header of a request, read by gunicorn's parser: it alone says where a request ends."""

from __future__ import annotations

import math
from typing import Any

from gunicorn.http import message
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import (
    InvalidHeader,
    InvalidHTTPVersion,
    InvalidRequestMethod,
    UnsupportedTransferCoding,
)
from gunicorn.http.parser import RequestParser

from hrapi.api.request_log import METHODS


class UnknownMethodError(InvalidRequestMethod):
    """A method that no address takes."""


class Request(message.Request):
    """A request of HTTP/1.0 or 1.1 whose connection ends with it while some of its body is not there."""

    asks_first = False
    """Whether its sender waits for `100 Continue` before the body."""

    def set_body_reader(self) -> None:
        """Raises ParseException for what gunicorn lets through, and others may understand in another way."""
        super().set_body_reader()
        if self.method not in METHODS:
            raise UnknownMethodError(self.method)
        if self.version > (1, 1):
            raise InvalidHTTPVersion(self.version)
        if self.version == (1, 1) and all(name != "HOST" for name, _ in self.headers):
            raise InvalidHeader("HOST", req=self)
        for name, value in self.headers:
            if name == "TRANSFER-ENCODING" and value.lower() != "chunked":
                raise UnsupportedTransferCoding(value)
        # gunicorn would send it before anybody has looked at the request.
        self.asks_first = bool(vars(self)["_expected_100_continue"])
        self._expected_100_continue = False

    def body_bytes(self) -> float:
        """How many are to come; infinite where that is not known."""
        reader = self.body.reader
        return math.inf if isinstance(reader, ChunkedReader) else reader.length

    def skip_body(self) -> None:
        """Takes what is left of it at once; gunicorn would take 64 KiB in small steps, and give up."""
        reader = self.body.reader
        if isinstance(reader, LengthReader):
            reader.read(reader.length)

    def should_close(self) -> bool:
        """Asked when the answer begins, and when it has ended."""
        if self.body is not None and self._is_body_outstanding():
            self.force_close()
        return bool(super().should_close())

    def _is_body_outstanding(self) -> bool:
        reader = self.body.reader
        if isinstance(reader, ChunkedReader):
            return reader.parser is not None
        there = len(self.unreader.buf.getbuffer()) + self.unreader.sock.collected_bytes()
        return bool(reader.length > there)


class Parser(RequestParser):
    """Reads a header when it is there. Threads get the request that was read."""

    mesg_class = Request

    def read_head(self, head: bytes) -> Request:
        """`head` ends with an empty line. Raises ParseException."""
        self.unreader.unread(head)
        request: Request = super().__next__()
        return request

    def __next__(self) -> Any:
        return self.mesg
