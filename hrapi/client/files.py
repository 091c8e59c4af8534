"""Files that are there whole or not at all, and files that are read twice."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

STANDARD = "-"


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The file; what cannot be read twice, like standard input (`-`), from a temporary copy."""
    with sys.stdin.buffer if name == STANDARD else Path(name).open("rb") as file:
        if file.seekable() and name != STANDARD:
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            yield copy


def digest_of(stream: BinaryIO) -> str:
    """The SHA-256 of all of it; the stream is left rewound."""
    stream.seek(0)
    # Every binary stream of Python has what it asks for, though its type does not say so.
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    stream.seek(0)
    return digest


@contextmanager
def written_whole(path: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file that takes this name when the block has ended well, and is gone when it has not."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
    ) as file:
        try:
            yield file
            file.flush()
            umask = os.umask(0)
            os.umask(umask)
            os.fchmod(file.fileno(), mode & ~umask)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
