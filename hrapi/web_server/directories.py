"""Temporary directories that are told apart from those which a killed process has left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path


def directory_in_use(*, prefix: str) -> Path:
    """A new one. It counts as used while this process or one that it forks lives: they hold a lock on it."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix))
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        # Between its making and its lock somebody else may have found it abandoned.
        if path.exists():
            return path
        os.close(descriptor)


def remove_abandoned(*, prefix: str) -> None:
    """Removes those of this user that nobody uses."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)
