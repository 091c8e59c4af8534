"""Bytes to physical lines: the one place that knows what ends a line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 64 * 1024


def physical_lines(stream: BinaryIO, *, encoding: str, limit: int) -> Iterator[str]:
    """Yield every physical line of the stream, from its start, each with its line end.

    LF, CRLF and CR end a line, and nothing else does. A BOM is taken off. A line of more than
    `limit` characters comes as its first `limit + 1` without a line end, and the rest of it is
    skipped, so memory stays flat. The stream is left open.
    """
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    carried = ""
    started = skipping = False
    more = True
    while more:
        chunk = stream.read(CHUNK_BYTES)
        more = bool(chunk)
        text = carried + decoder.decode(chunk, not more)
        if text and not started:
            text = text.removeprefix("\ufeff")
            started = True
        # A CR may be the first half of a CRLF that the chunk's end has cut.
        held_back = "\r" if more and text.endswith("\r") else ""
        lines = io.StringIO(text[:-1] if held_back else text, newline="").readlines()
        unfinished = lines.pop() if more and lines and lines[-1][-1] not in "\r\n" else ""
        if skipping and lines:
            del lines[0]
            skipping = False
        if len(text) > limit:
            lines = [_cut(line, limit=limit) for line in lines]
        yield from lines
        if skipping:
            unfinished = ""
        elif len(unfinished) > limit:
            yield unfinished[: limit + 1]
            unfinished = ""
            skipping = True
        carried = unfinished + held_back


def is_too_long(line: str, *, limit: int) -> bool:
    """Tell whether `physical_lines` has cut this line."""
    return len(line) > limit and len(line.rstrip("\r\n")) > limit


def is_blank(line: str) -> bool:
    """Tell whether the line is empty or made only of spaces."""
    return not line.strip(" \r\n")


def _cut(line: str, *, limit: int) -> str:
    return line[: limit + 1] if is_too_long(line, limit=limit) else line
