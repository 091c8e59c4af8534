"""Rows as a plain JSON array, streamed, one row a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from pydantic_core import to_json

from hrapi.api.renderers import as_javascript

_ROWS_PER_PIECE = 1000


def json_response(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """`[{"id": 1, …}, …]`: numbers as numbers, times in UTC with `Z`, null as null."""
    return StreamingHttpResponse(_pieces(columns, iter(rows)), content_type="application/json")


def _pieces(columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    before = b"["
    while piece := list(islice(rows, _ROWS_PER_PIECE)):
        lines = (to_json(dict(zip(columns, row, strict=True))) for row in piece)
        yield before + as_javascript(b",\n".join(lines))
        before = b",\n"
    yield b"[]" if before == b"[" else b"]"
