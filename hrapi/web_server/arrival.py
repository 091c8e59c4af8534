"""A request on its way: what has come of it, and whether that is all."""

from __future__ import annotations

import math
import re

from django.conf import settings

from hrapi.web_server.client import Patience

# A header that is longer has no end, or one that gunicorn refuses.
MAX_HEADER_BYTES = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
_SENT_LATER = re.compile(rb"\r\n(?:expect|transfer-encoding):", re.IGNORECASE)


class Arrival:
    """What has come of the next request of a connection, and the patience with it."""

    def __init__(self, came: bytes) -> None:
        self.came = bytearray(came)
        self.patience = Patience(settings.SLOW_CLIENT_SECONDS)
        # Bytes that are to be collected, and bytes of all.
        self._expected: tuple[float, float] | None = None

    def add(self, data: bytes) -> None:
        self.patience.has_moved(len(data))
        self.came += data

    def is_ready(self) -> bool:
        """Whether a thread can take it: all is there, or the rest is not to be collected."""
        if self._expected is None:
            self._expected = self._lengths()
        return self._expected is not None and len(self.came) >= self._expected[0]

    def is_whole(self) -> bool:
        """Whether the thread that takes it need not wait."""
        return self._expected is not None and len(self.came) >= self._expected[1]

    def _lengths(self) -> tuple[float, float] | None:
        """Of what is to be collected, and of all; None while that cannot be told. gunicorn reads it anew."""
        if not self.came:
            return None
        end = self.came.find(b"\r\n\r\n")
        if end < 0:
            if not self.came[:1].isalpha() or self.came.count(b"\n") != self.came.count(b"\r\n"):
                # No HTTP: it is refused at once.
                return 0, 0
            return (0, math.inf) if len(self.came) > MAX_HEADER_BYTES else None
        header = self.came[: end + 4]
        if _SENT_LATER.search(header):
            return 0, math.inf
        length = _LENGTH.search(header)
        whole = len(header) + (int(length[1]) if length else 0)
        return (whole if whole <= len(header) + settings.MAX_BODY_BYTES else 0), whole
