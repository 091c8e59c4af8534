"""What a file holds, unpacked: copied once, so that what is loaded is what was hashed, whoever writes to it."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from django.conf import settings

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.loads.stopping import StoppedError, should_stop

PIECE_BYTES = 1024 * 1024
# Tables seldom shrink to less than a tenth; what is made to fill a disk shrinks to a thousandth.
MAX_RATIO = 100


@dataclass(frozen=True)
class Content:
    """`file` has no name on the disk: a process that is killed leaves nothing behind."""

    file: IO[bytes]
    bytes: int
    sha256: str


@contextmanager
def copied(source: BinaryIO, *, packed_bytes: int | None) -> Iterator[Content]:
    """The content of a file, which has `packed_bytes` bytes when it is gzipped, else None.

    Raises ProblemError for gzip that is broken, cut, or unpacks to far too much.
    """
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as copy:
        for piece in _pieces(source, packed_bytes):
            if should_stop():
                raise StoppedError
            digest.update(piece)
            copy.write(piece)
        yield Content(copy, copy.tell(), digest.hexdigest())


def _pieces(source: BinaryIO, packed_bytes: int | None) -> Iterator[bytes]:
    if packed_bytes is None:
        yield from iter(lambda: source.read(PIECE_BYTES), b"")
        return
    room = max(settings.MAX_LOAD_BYTES, MAX_RATIO * packed_bytes)
    try:
        with gzip.GzipFile(fileobj=source, mode="rb") as unpacked:
            while piece := unpacked.read(PIECE_BYTES):
                room -= len(piece)
                if room < 0:
                    raise ProblemError(
                        ProblemCode.BODY_TOO_LARGE,
                        f"It unpacks to more than {settings.MAX_LOAD_BYTES:,} bytes and {MAX_RATIO} times its"
                        " size. Send it without gzip, if it is what it should be.",
                    )
                yield piece
    except EOFError:
        raise ProblemError(
            ProblemCode.UNDECODABLE,
            "The gzip ends too early: the file was cut. Send it again, whole.",
        ) from None
    except (gzip.BadGzipFile, zlib.error):
        raise ProblemError(
            ProblemCode.UNDECODABLE, "It is not gzip, or damaged. Send it again."
        ) from None
