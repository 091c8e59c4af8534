"""The one place where what went wrong becomes an answer."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from psycopg2.errors import ReadOnlySqlTransaction
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from hrapi.api.problems import ProblemCode, ProblemError, problem_body
from hrapi.api.responses import ProblemResponse, answer_problem

RETRY_AFTER_SECONDS = 5

logger = logging.getLogger(__name__)

# Each exception that means a fault of the request, with its code; the first that fits counts.
_CODES: tuple[tuple[type[Exception], ProblemCode], ...] = (
    (exceptions.AuthenticationFailed, ProblemCode.NOT_AUTHENTICATED),
    (exceptions.NotAuthenticated, ProblemCode.NOT_AUTHENTICATED),
    (exceptions.PermissionDenied, ProblemCode.PERMISSION_DENIED),
    (PermissionDenied, ProblemCode.PERMISSION_DENIED),
    (exceptions.NotFound, ProblemCode.NOT_FOUND),
    (Http404, ProblemCode.NOT_FOUND),
    (exceptions.MethodNotAllowed, ProblemCode.METHOD_NOT_ALLOWED),
    (exceptions.UnsupportedMediaType, ProblemCode.UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, ProblemCode.THROTTLED),
    (exceptions.ValidationError, ProblemCode.INVALID_PARAMETER),
    (exceptions.ParseError, ProblemCode.UNDECODABLE),
    (RequestDataTooBig, ProblemCode.BODY_TOO_LARGE),
    (TooManyFieldsSent, ProblemCode.INVALID_PARAMETER),
    (TooManyFilesSent, ProblemCode.INVALID_PARAMETER),
    (DisallowedHost, ProblemCode.INVALID_PARAMETER),
    (MultiPartParserError, ProblemCode.UNDECODABLE),
    (UnreadablePostError, ProblemCode.UNDECODABLE),
    (OperationalError, ProblemCode.SERVICE_UNAVAILABLE),
    (InterfaceError, ProblemCode.SERVICE_UNAVAILABLE),
)

DATABASE_DETAIL = (
    "The database is busy or cannot be reached. Try again later: rows that were stored all the same will be found"
    " unchanged."
)


def problem_of_exception(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to what the client did wrong, or to a database that is gone. None for our own faults."""
    problem = as_problem(exception)
    if problem is None:
        return None
    if problem.code is ProblemCode.PERMISSION_DENIED:
        # Who it is was found out, or could not be: it must not be tried again here.
        user = vars(context["request"]).get("_user")
        problem.detail = getattr(user, "missing_scope", "") or problem.detail
    set_rollback()
    headers = problem_headers(exception, problem)
    return ProblemResponse(
        problem_body(
            status=problem.status, code=problem.code, detail=problem.detail, **problem.members
        ),
        status=problem.status,
        headers=headers,
    )


def as_problem(exception: Exception) -> ProblemError | None:
    if isinstance(exception, ProblemError):
        return exception
    if type(exception) is DatabaseError:
        # psycopg2 knows no better name for a server that was killed.
        exception = OperationalError(*exception.args)
    if isinstance(exception.__cause__, ReadOnlySqlTransaction):
        # A standby, or a server whose disk is full and that was switched to reading: Django calls it internal.
        return ProblemError(ProblemCode.SERVICE_UNAVAILABLE, _read_only())
    for kind, code in _CODES:
        if isinstance(exception, kind):
            return ProblemError(code, _detail(exception, code))
    return None


def _read_only() -> str:
    logger.warning("Database unavailable: it is read-only.")
    return "The database takes no changes at the moment. Nothing was stored. Try again later."


def _detail(exception: Exception, code: ProblemCode) -> str:
    if code is ProblemCode.SERVICE_UNAVAILABLE:
        # The text of a database error may hold people's data.
        logger.warning("Database unavailable: %s", type(exception.__cause__ or exception).__name__)
        return DATABASE_DETAIL
    if isinstance(exception, exceptions.ValidationError):
        return _flat(exception.detail)
    if isinstance(exception, exceptions.APIException):
        return str(exception.detail)
    if isinstance(exception, RequestDataTooBig):
        return "The body is larger than this service takes."
    if isinstance(exception, (MultiPartParserError, UnreadablePostError)):
        return "The body could not be read to its end."
    if code is ProblemCode.NOT_FOUND:
        return "There is nothing at this address."
    if code is ProblemCode.PERMISSION_DENIED:
        return "You do not have permission to do this."
    refused: dict[type[Exception], str] = {
        TooManyFieldsSent: "The form or the address has more than"
        f" {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields.",
        TooManyFilesSent: f"The form has more than {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files.",
        DisallowedHost: "ALLOWED_HOSTS does not name the host of this address.",
    }
    return refused.get(type(exception), "The request cannot be read.")


def _flat(detail: Any) -> str:
    """The messages of a ValidationError in one sentence each, with the parameter's name before them."""
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_flat(messages)}" for name, messages in detail.items())
    if isinstance(detail, list):
        return " ".join(_flat(message) for message in detail)
    return str(detail)


def problem_headers(exception: Exception, problem: ProblemError) -> dict[str, str]:
    """What says how to log in, or when to try again."""
    headers: dict[str, str] = {}
    # DRF says how to log in; an exception may know better what was tried.
    if challenge := getattr(exception, "challenge", getattr(exception, "auth_header", None)):
        headers["WWW-Authenticate"] = challenge
    if problem.code is ProblemCode.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    elif problem.code is ProblemCode.IDEMPOTENCY_IN_PROGRESS:
        headers["Retry-After"] = "1"
    elif (wait := getattr(exception, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    return headers


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = as_problem(exception) or ProblemError(
        ProblemCode.INVALID_PARAMETER, "The request cannot be read."
    )
    return answer_problem(request, problem)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = ProblemError(ProblemCode.PERMISSION_DENIED, "You do not have permission to do this.")
    return answer_problem(request, problem)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    # Nobody has asked yet who is there; the audit looks for whoever was recognised.
    _ = hasattr(request, "user") and request.user.pk
    problem = ProblemError(
        ProblemCode.PERMISSION_DENIED, f"{reason} Open the page anew and try again."
    )
    return answer_problem(request, problem)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
    return answer_problem(request, problem)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own fault; or a database that went away outside of a view of the API, in the session, say."""
    exception = sys.exc_info()[1]
    problem = as_problem(exception) if isinstance(exception, Exception) else None
    if problem is None or problem.code is not ProblemCode.SERVICE_UNAVAILABLE:
        problem = ProblemError(
            ProblemCode.INTERNAL_ERROR, "Something is wrong on our side. It has been logged."
        )
    response = answer_problem(request, problem)
    for name, value in problem_headers(Exception(), problem).items():
        response[name] = value
    return response
