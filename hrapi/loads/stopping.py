"""Whether this worker is to stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAP_SECONDS = 0.1

_is_asked = False
_parent: int | None = None


class StoppedError(Exception):
    """The worker stops. What it was doing goes on when a worker runs again."""


@contextmanager
def stopped_by_signals(*, parent: int | None = None) -> Iterator[None]:
    """Within it SIGTERM, SIGINT and SIGHUP ask to stop, and so does the end of the process `parent`, if given.

    It started this one. It is named, because it may have ended before anybody looks which it is.
    """
    global _is_asked, _parent
    _is_asked, _parent = False, parent
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, _ask) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        _is_asked, _parent = False, None


def should_stop() -> bool:
    return _is_asked or (_parent is not None and os.getppid() != _parent)


def sleep(seconds: float) -> None:
    """Little longer than until somebody asks to stop. A lock to wait for could be held when the signal comes."""
    end = time.monotonic() + seconds
    while not should_stop() and time.monotonic() < end:
        time.sleep(NAP_SECONDS)


def _ask(*signal_and_frame: Any) -> None:
    global _is_asked
    _is_asked = True
