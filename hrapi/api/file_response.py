"""Answers that are files: whole before their first byte goes out, so that none is ever cut short by a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from django.http import StreamingHttpResponse

_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


def file_response(
    write: Callable[[IO[bytes]], None], *, content_type: str, file_name: str
) -> StreamingHttpResponse:
    """What `write` writes, to be saved under that name. Raises what `write` raises."""
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the answer
    try:
        write(file)
        length = file.seek(0, 2)
        file.seek(0)
        pieces = _Pieces(file) if length > _IN_MEMORY else _piece(file)
    except BaseException:
        file.close()
        raise
    return StreamingHttpResponse(
        pieces,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "Content-Length": str(length),
        },
    )


def _piece(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        return iter([file.read()])


class _Pieces:
    """The pieces of a file, which is closed at its end. The server closes it when it is not read to its end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> _Pieces:
        return self

    def __next__(self) -> bytes:
        piece = b"" if self._file.closed else self._file.read(_PIECE)
        if not piece:
            self.close()
            raise StopIteration
        return piece

    def close(self) -> None:
        self._file.close()
