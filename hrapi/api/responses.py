"""The one body of everything that went wrong: application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"


def problem_body(*, status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """```
    {"type": "urn:hrapi:problem:not_found", "title": "Not Found", "status": 404,
     "detail": "There is nothing at this address.", "code": "not_found"}
    ```
    These five are always there; `members` come after them.
    """
    return {
        "type": f"urn:hrapi:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        **members,
    }


class ProblemResponse(Response):
    """A problem: JSON whatever was asked for, but for a person in the browsable API a page."""

    @property
    def rendered_content(self) -> Any:
        if isinstance(self.accepted_renderer, BrowsableAPIRenderer):
            return super().rendered_content
        self["Content-Type"] = MEDIA_TYPE
        return JSONRenderer().render(self.data)


def plain_problem(*, status: int, code: str, detail: str) -> JsonResponse:
    """The same body for addresses that no view of the API answers."""
    return JsonResponse(
        problem_body(status=status, code=code, detail=detail),
        status=status,
        content_type=MEDIA_TYPE,
    )
