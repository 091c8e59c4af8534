"""What the web server itself answers: that it cannot read a request, or cannot wait for it."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus

from gunicorn.http import errors

from hrapi.api.problems import ProblemCode, problem_body
from hrapi.api.request_log import METHODS
from hrapi.web_server.parsing import UnknownMethodError

_STATUSES: dict[type[Exception], HTTPStatus] = {
    UnknownMethodError: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    # Of what the application answers: our own fault.
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.ConfigurationProblem: HTTPStatus.INTERNAL_SERVER_ERROR,
}

# They quote nothing that was sent.
_PROBLEMS: dict[HTTPStatus, tuple[ProblemCode, str]] = {
    HTTPStatus.BAD_REQUEST: (
        ProblemCode.BAD_HEADER,
        "This is no request of HTTP/1.1 that can be read without doubt: see its first line, its Host, and what"
        " tells the length of its body.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        ProblemCode.METHOD_NOT_ALLOWED,
        f"No address takes this method. There are: {', '.join(METHODS)}.",
    ),
    HTTPStatus.REQUEST_TIMEOUT: (
        ProblemCode.UNDECODABLE,
        "The request did not arrive in time. Send it again.",
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: (ProblemCode.BAD_HEADER, "The address is too long."),
    HTTPStatus.EXPECTATION_FAILED: (
        ProblemCode.BAD_HEADER,
        "Expect may be 100-continue, nothing else.",
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        ProblemCode.BAD_HEADER,
        "The headers are too many or too long.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        ProblemCode.INTERNAL_ERROR,
        "Something is wrong on our side. It has been logged.",
    ),
    HTTPStatus.NOT_IMPLEMENTED: (
        ProblemCode.BAD_HEADER,
        "Transfer-Encoding may be chunked, nothing else.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        ProblemCode.SERVICE_UNAVAILABLE,
        "Too many bodies are on their way. Send it again a little later.",
    ),
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: (
        ProblemCode.BAD_HEADER,
        "Ask in HTTP/1.1 or HTTP/1.0.",
    ),
}


def status_of(error: Exception) -> HTTPStatus:
    """500 for what is no fault of the client."""
    if isinstance(error, errors.InvalidHTTPVersion) and isinstance(error.version, tuple):
        return HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
    for kind, status in _STATUSES.items():
        if isinstance(error, kind):
            return status
    if isinstance(error, errors.ParseException):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


def refusal(status: HTTPStatus) -> bytes:
    """The whole answer, after which the connection ends."""
    code, detail = _PROBLEMS[status]
    body = json.dumps(problem_body(status=status, code=code, detail=detail)).encode()
    headers = {
        "Connection": "close",
        "Content-Type": "application/problem+json",
        "Content-Length": len(body),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-ID": uuid.uuid4().hex,
    }
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(METHODS)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = 5
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
