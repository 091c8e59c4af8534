from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Any

from django.db.models import QuerySet
from django.template import loader
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import integer
from hrapi.ingestion.fields import MAX_ID

_CURSOR = re.compile(r"(after|before)=([0-9]{1,16})")


class IdCursorPagination(BasePagination):
    """Pages in the order of ids: `{"next": url or null, "previous": url or null, "results": [...]}`.

    A cursor says after or before which id a page lies. So rows that come or go meanwhile shift no page, and
    each row is met once. DRF's own cursors also serve orders in which rows tie, and lose rows for it
    when those of a page were deleted.
    """

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    cursor_query_param = "cursor"
    template = "rest_framework/pagination/previous_and_next.html"

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: Any = None
    ) -> list[Any]:
        size, direction, position = self.parameters(request)
        if direction == "before":
            rows = list(queryset.filter(id__lt=position).order_by("-id")[: size + 1])
        else:
            rows = list(queryset.filter(id__gt=position).order_by("id")[: size + 1])
        has_more = len(rows) > size
        page = rows[:size] if direction != "before" else rows[:size][::-1]
        last = page[-1].pk if page else max(position - 1, 0)
        first = page[0].pk if page else position + 1
        has_next = has_more if direction != "before" else True
        has_previous = has_more if direction == "before" else direction == "after"
        address = request.build_absolute_uri()
        self.next_url = self._link(address, f"after={last}") if has_next else None
        self.previous_url = self._link(address, f"before={first}") if has_previous else None
        self.display_page_controls = has_next or has_previous
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_url, "previous": self.previous_url, "results": data})

    def get_results(self, data: Any) -> Any:
        return data["results"]

    def to_html(self) -> str:
        return loader.get_template(self.template).render(
            {"previous_url": self.previous_url, "next_url": self.next_url}
        )

    def parameters(self, request: Request) -> tuple[int, str, int]:
        """Rows in a page, and direction and id of the cursor. Raises ProblemError for what is neither."""
        size = integer(
            request,
            self.page_size_query_param,
            default=self.page_size,
            minimum=1,
            maximum=self.max_page_size,
        )
        return size, *self._cursor(request)

    def _cursor(self, request: Request) -> tuple[str, int]:
        """Direction and id; an empty direction for the first page."""
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return "", 0
        try:
            match = _CURSOR.fullmatch(b64decode(encoded, validate=True).decode("ascii"))
        except ValueError:
            match = None
        if match is None or int(match[2]) > MAX_ID + 1:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                "cursor: follow the addresses in `next` and `previous`; this one is not from there.",
            )
        return match[1], int(match[2])

    def _link(self, address: str, cursor: str) -> str:
        link: str = replace_query_param(
            address, self.cursor_query_param, b64encode(cursor.encode()).decode()
        )
        return link

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For the OpenAPI document."""
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return [
            {
                "name": self.page_size_query_param,
                "in": "query",
                "description": "How many rows a page has at most.",
                "schema": size | {"default": self.page_size},
            },
            {
                "name": self.cursor_query_param,
                "in": "query",
                "description": "Where a page begins; taken from `next` and `previous`.",
                "schema": {"type": "string"},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """For the OpenAPI document."""
        # `example` is what drf-spectacular builds the example of a page from.
        address = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": dict(address), "results": schema},
        }
