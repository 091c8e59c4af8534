"""Tables as CSV: whole, streamed, with a header, safe to open in a spreadsheet."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from itertools import chain, islice
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from hrapi.csv_cells import neutralise

_ROWS_PER_CHUNK = 1000


class CSVRenderer(BaseRenderer):
    """Makes `?format=csv` and `Accept: text/csv` known; the view streams the rows itself."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> str:
        raise TypeError("A view that offers CSV answers it with csv_response().")


class CSVView(APIView):
    """A view whose answer to GET can be CSV: it asks is_csv() and answers csv_response()."""

    def offers_csv(self) -> bool:
        return self.request.method in ("GET", "HEAD")

    def is_expensive(self) -> bool:
        """Whether the answer to GET takes much work; such requests are counted by user."""
        return True

    def get_renderers(self) -> list[BaseRenderer]:
        renderers = super().get_renderers()
        return [*renderers, CSVRenderer()] if self.offers_csv() else renderers


def csv_response(
    *,
    file_name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    for_spreadsheets: bool = False,
) -> StreamingHttpResponse:
    """Streams `rows` under `header`, in UTF-8, lines ending in LF. null is an empty cell, times are in UTC.

    `for_spreadsheets` puts a byte order mark before it: without one, some take it for another encoding.
    """
    chunks = _chunks(header, iter(rows))
    return StreamingHttpResponse(
        chain([codecs.BOM_UTF8], chunks) if for_spreadsheets else chunks,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def is_csv(request: Request) -> bool:
    """Whether CSV was asked for, where the view offers it."""
    return bool(request.accepted_renderer.format == CSVRenderer.format)


def format_moment(moment: datetime) -> str:
    """`2021-11-07T02:48:42Z`, with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _chunks(header: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    chunk: list[Sequence[Any]] = [header]
    while chunk:
        buffer = StringIO()
        plain = csv.writer(buffer, lineterminator="\n")
        quoted = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in chunk:
            cells = [_cell(value) for value in row]
            # The csv module does not quote a carriage return, which ends lines as well.
            has_return = any(isinstance(cell, str) and "\r" in cell for cell in cells)
            (quoted if has_return else plain).writerow(cells)
        # A lone surrogate of the reject log must not end the stream half-way.
        yield buffer.getvalue().encode(errors="backslashreplace")
        chunk = list(islice(rows, _ROWS_PER_CHUNK))


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_moment(value) if isinstance(value, datetime) else value
