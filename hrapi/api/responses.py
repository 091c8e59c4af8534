"""The one body of everything that went wrong: application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response

from hrapi.api.problems import ProblemError, problem_body

MEDIA_TYPE = "application/problem+json"

# Whoever asks there, the answer is for a program.
_FOR_PROGRAMS = ("/api/", "/odata/", "/static/", "/healthz", "/readyz", "/metrics")


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


def answer_problem(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    """The same, but for a person in a browser a page."""
    is_for_a_program = request.path.startswith(_FOR_PROGRAMS)
    if (
        not is_for_a_program
        and request.get_preferred_type([MEDIA_TYPE, "text/html"]) == "text/html"
    ):
        return problem_page(request, problem)
    return plain_problem(status=problem.status, code=problem.code, detail=problem.detail)


def problem_page(
    request: HttpRequest, problem: ProblemError, *, may_send_again: bool = False
) -> HttpResponse:
    """A page that says what is wrong, with what somebody has typed; to be sent once more where that is safe."""
    typed = [
        (name, text)
        for name, text in (request.POST.items() if _has_form(request) else ())
        if "csrf" not in name and "password" not in name
    ]
    context = {
        "problem": problem,
        "is_ours": problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        "typed": typed,
        "may_send_again": may_send_again,
    }
    return render(request, "pages/problem.html", context, status=problem.status)


def _has_form(request: HttpRequest) -> bool:
    """Whether a form was sent, and could be read: nobody may read what was refused a second time."""
    return request.method == "POST" and "_post" in vars(request)
