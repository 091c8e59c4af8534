"""Whether this worker is to stop."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_asked = threading.Event()
_parent: int | None = None


class StoppedError(Exception):
    """The worker stops. What it was doing goes on when a worker runs again."""


@contextmanager
def stopped_by_signals(*, with_parent: bool) -> Iterator[None]:
    """Within it SIGTERM, SIGINT and SIGHUP ask to stop; `with_parent`, the end of the parent process does too."""
    global _parent
    _parent = os.getppid() if with_parent else None
    _asked.clear()
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, lambda *_: _asked.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        _asked.clear()


def should_stop() -> bool:
    return _asked.is_set() or (_parent is not None and os.getppid() != _parent)


def sleep(seconds: float) -> None:
    """No longer than until somebody asks to stop."""
    _asked.wait(seconds)
