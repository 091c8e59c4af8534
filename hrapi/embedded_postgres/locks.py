"""File locks of the kernel: a process that dies, however it dies, lets go of them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_private(path: Path) -> int:
    """Open a file that only its owner may read, creating it if needed; return its descriptor."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if os.geteuid() == 0:
        # Root may work for the owner of the directory, who must not be locked out later.
        parent = path.parent.stat()
        os.fchown(descriptor, parent.st_uid, parent.st_gid)
    return descriptor


def take_shared(path: Path) -> int:
    """Hold a shared lock until the returned descriptor is closed."""
    descriptor = open_private(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def try_exclusive(path: Path) -> int | None:
    """Return the descriptor of an exclusive lock, or None while anybody holds the lock."""
    descriptor = open_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_held(path: Path) -> bool:
    """Say whether any process holds the lock."""
    descriptor = try_exclusive(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the exclusive lock and hold it inside the block."""
    descriptor = open_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
