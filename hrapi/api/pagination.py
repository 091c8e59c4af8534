from __future__ import annotations

from typing import Any

from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import integer
from hrapi.ingestion.fields import MAX_ID


class IdCursorPagination(CursorPagination):
    """Pages in the order of ids: `{"next": url or null, "previous": url or null, "results": [...]}`."""

    ordering = "id"
    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    max_page_size_query_param = None

    def get_page_size(self, request: Request) -> int:
        return integer(
            request,
            "page_size",
            default=self.page_size,
            minimum=1,
            maximum=self.max_page_size,
        )

    def decode_cursor(self, request: Request) -> Cursor | None:
        if self.cursor_query_param not in request.query_params:
            return None
        cursor: Cursor | None
        try:
            cursor = super().decode_cursor(request)
        except Exception as error:
            # The library answers 404 for what it cannot decode, and lets other garbage through.
            raise _bad_cursor() from error
        if cursor is None or not _is_id(cursor.position):
            raise _bad_cursor()
        return cursor


def _is_id(position: Any) -> bool:
    return position is None or (
        position.isascii() and position.isdigit() and int(position[:17]) <= MAX_ID
    )


def _bad_cursor() -> ProblemError:
    return ProblemError(
        ProblemCode.INVALID_PARAMETER,
        "cursor: follow the addresses in `next` and `previous`; this one is not from there.",
    )
