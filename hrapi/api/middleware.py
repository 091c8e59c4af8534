from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.middleware.common import CommonMiddleware
from rest_framework.exceptions import Throttled

from hrapi.api.handlers import problem_headers
from hrapi.api.problems import STATUS_OF_CODE, ProblemCode, ProblemError
from hrapi.api.responses import answer_problem, plain_problem

_READING = ("GET", "HEAD")
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class SecurityHeadersMiddleware:
    """What Django's own middleware does not set: a content policy on pages, and no copies of answers in caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            # Views of Django say no more than the methods there are.
            detail = f"{request.method} is not there. There are: {response['Allow']}."
            _tell(response, ProblemCode.METHOD_NOT_ALLOWED, detail)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class HttpsMiddleware:
    """Refuses with HTTPS=1 what came by http and is no reading, which Django leads to https like a reader.

    Clients follow with GET: nothing would be stored, and they would see 200.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponsePermanentRedirect) and request.method not in _READING:
            detail = "Nothing was done: send this by https. Whoever was on the way has read it."
            _tell(response, ProblemCode.PERMISSION_DENIED, detail)
            response["Cache-Control"] = "no-store"
            del response["Location"]
        return response


def _tell(response: HttpResponse, code: ProblemCode, detail: str) -> None:
    """Makes the answer one that tells of a problem."""
    problem = plain_problem(status=STATUS_OF_CODE[code], code=code, detail=detail)
    response.status_code, response.content = problem.status_code, problem.content
    response["Content-Type"] = problem["Content-Type"]
    # Django may have measured it already.
    response["Content-Length"] = str(len(response.content))


class ThrottledLoginMiddleware:
    """Tells what a login page of Django's cannot: that too many logins have failed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not isinstance(exception, Throttled):
            return None
        problem = ProblemError(ProblemCode.THROTTLED, str(exception.detail))
        response = answer_problem(request, problem)
        for name, value in problem_headers(exception, problem).items():
            response[name] = value
        return response


class SlashMiddleware(CommonMiddleware):
    """Leads readers who left out the slash at the end to the right address; others would lose their body.

    Says how long an answer is, but not of 304: there it would be the length of what the client has.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in _READING and super().should_redirect_with_slash(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return response
        measured: HttpResponseBase = super().process_response(request, response)
        return measured
