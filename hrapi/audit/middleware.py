"""Whoever is refused is recorded, whichever door it was: the API, a page or the admin."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from hrapi.api.request_log import METHODS
from hrapi.audit.origin import answering, path_of
from hrapi.audit.recording import Action, record_refusal


class AuditMiddleware:
    """Knows which request is answered, for all that is recorded; records 403, and 401 to wrong credentials."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with answering(request):
            response = self.get_response(request)
            if _is_denial(request, response):
                record_refusal(
                    Action.DENIED,
                    {
                        "method": request.method if request.method in METHODS else "-",
                        "path": path_of(request),
                        "status": response.status_code,
                    },
                )
        return response


def _is_denial(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A wrong password has been recorded as a login that failed; who shows no credentials tries nothing."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return "Authorization" in request.headers and not hasattr(request, "login_has_failed")
    return response.status_code == HTTPStatus.FORBIDDEN
