"""An id for each request, and a line in the log when it is answered."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from hrapi.logs import log_context, route_of

HEADER = "X-Request-ID"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

MAX_ID_CHARACTERS = 64
_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_ID_CHARACTERS}}}")

logger = logging.getLogger(__name__)


class RequestLogMiddleware:
    """Every answer carries the id of its request: the client's, where it can be used, else a new one.

    Each line of the log that the request leads to has it too. With LOG_REQUESTS one line tells of the answer. It
    holds nothing that the client wrote but the id: of the address the pattern, of the user the number.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        sent = request.headers.get(HEADER, "")
        request_id = sent if _ID.fullmatch(sent) else uuid.uuid4().hex
        request.log_id = request_id  # type: ignore[attr-defined]
        with log_context(request_id=request_id):
            response = self.get_response(request)
            response[HEADER] = request_id
            if request.method == "HEAD":
                _tell(request, response, begun, 0)
            elif response.streaming and "Content-Length" not in response:
                response.streaming_content = _followed(  # type: ignore[attr-defined]
                    request,
                    response,
                    response.streaming_content,  # type: ignore[attr-defined]
                    begun,
                )
            else:
                _tell(request, response, begun, _length(response))
        return response


def _followed(
    request: Any, response: HttpResponseBase, chunks: Iterable[bytes], begun: float
) -> Iterator[bytes]:
    sent = 0
    with log_context(request_id=request.log_id):
        try:
            for chunk in chunks:
                yield chunk
                sent += len(chunk)
        finally:
            _tell(request, response, begun, sent)


def _length(response: HttpResponseBase) -> int:
    if response.streaming:
        return int(response["Content-Length"])
    return len(response.content)  # type: ignore[attr-defined]


def _tell(request: HttpRequest, response: HttpResponseBase, begun: float, sent: int) -> None:
    if not logger.isEnabledFor(logging.INFO):
        return
    measured = {
        "method": request.method if request.method in METHODS else "-",
        "route": route_of(request),
        "status": response.status_code,
        "milliseconds": round(1000 * (time.perf_counter() - begun), 1),
        "user_id": _user_id(request),
        "bytes": sent,
    }
    text = " ".join(f"{name}={value}" for name, value in measured.items())
    logger.info("Answered: %s", text, extra={"measured": measured})


def _user_id(request: HttpRequest) -> int | None:
    user = recognised_user(request)
    return user.pk if user is not None else None


def recognised_user(request: HttpRequest) -> Any:
    """Whoever has been recognised; None where nobody was. Nobody is looked for."""
    user = vars(request).get("_cached_user") or vars(request).get("user")
    # Where nobody has asked for the user, it is looked up when it is used.
    return user if user is not None and vars(user).get("_wrapped", user) is user else None
