"""Files and directories that are for nobody else, and on disk when they are said to be."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_SWEEP_SECONDS = 24 * 60 * 60
_HERE, _EXCHANGE = -100, 2


@contextmanager
def create_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file for nobody else, on disk when the block ends. An OSError on the way names it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def make_directory(path: Path) -> None:
    """For nobody else, with those above that are missing, and on disk."""
    if not path.is_dir():
        if os.path.lexists(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        make_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_directory(path.parent)


def put_in_place(new: Path, path: Path) -> None:
    """Gives `new` the name `path`; what had that name, if anything, has the name of `new` afterwards.

    One step on Linux, whatever happens meanwhile. Where the file system cannot exchange names, as NFS cannot,
    there is a moment without either.
    """
    if not path.exists():
        new.rename(path)
        return
    try:
        exchanged = ctypes.CDLL(None, use_errno=True).renameat2(
            _HERE, os.fsencode(new), _HERE, os.fsencode(path), _EXCHANGE
        )
    except AttributeError:
        exchanged = -1
    if exchanged != 0:
        aside = new.with_name(f"{new.name}.old")
        path.rename(aside)
        new.rename(path)
        aside.rename(new)


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(descriptor)


def sweep(directory: Path, names: re.Pattern[str]) -> None:
    """Removes directories, ours and of such names, that runs left which were killed a day ago or earlier."""
    for entry in directory.iterdir():
        if not names.fullmatch(entry.name):
            continue
        found = entry.lstat()
        is_old = time.time() - found.st_mtime > _SWEEP_SECONDS
        if is_old and found.st_uid == os.getuid() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
