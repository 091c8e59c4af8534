"""A request with an Idempotency-Key is carried out once, however often it is sent (IETF
draft-ietf-httpapi-idempotency-key-header). Its answer is kept in the transaction that carries it out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.names import may_see_sent
from hrapi.api.problems import ProblemCode, ProblemError, problem_body
from hrapi.api.responses import MEDIA_TYPE
from hrapi.ingestion.bodies import FORM, content_type, read_form, sent_bytes
from hrapi.ingestion.models import KeptAnswer
from hrapi.ingestion.transactions import in_transaction, lock_number

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
IN_PROGRESS = (
    f"A request with this {HEADER} is being carried out. Send it again later for its answer."
)
MISMATCH = f"This {HEADER} was sent with another request. A new request needs a key of its own."
# In place of the fingerprint of a request whose answer was erased: it could be guessed from a hash.
ERASED = ""
ERASED_DETAIL = (
    f"The request with this {HEADER} was carried out before, and is not carried out again. What it was answered"
    " has been erased."
)
# What tells what became of rows, or that a file will be loaded. Whatever else is answered, nothing was done.
VERDICTS = {
    HTTPStatus.OK,
    HTTPStatus.CREATED,
    HTTPStatus.ACCEPTED,
    HTTPStatus.MULTI_STATUS,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}

MAX_KEY_CHARACTERS = 255
_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_CHARACTERS}}}")
_KEPT_HEADERS = ("Content-Type", "Location")

View = Callable[..., Any]
Parts = Callable[[Request], Sequence[Any]]


def once(method: View) -> View:
    """For a method of a view that writes: with a key, one execution and one answer for all who send the same."""
    return once_by(sent_parts)(method)


def once_by(parts_of: Parts) -> Callable[[View], View]:
    """The same, for a view that reads its body in a way of its own: `parts_of` a request tell it from others."""
    return partial(_answered_once, parts_of)


def _answered_once(parts_of: Parts, method: View) -> View:
    @wraps(method)
    def answered_once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                f"{HEADER}: send 1 to {MAX_KEY_CHARACTERS} visible ASCII characters, such as a UUID.",
            )
        try:
            fingerprint = _fingerprint(request, parts_of)
        except ProblemError:
            # It cannot be read: it is refused, and recorded, as without a key.
            return method(view, request, *args, **kwargs)
        return _answer_once(
            view, request, key, fingerprint, lambda: method(view, request, *args, **kwargs)
        )

    return answered_once


def forget_answers(ids: Sequence[int]) -> None:
    """Erases these answers. Who sends such a request again is answered 409: nothing comes back by it."""
    body = problem_body(status=HTTPStatus.CONFLICT, code=ProblemCode.CONFLICT, detail=ERASED_DETAIL)
    KeptAnswer.objects.filter(pk__in=ids).update(
        fingerprint=ERASED,
        status=HTTPStatus.CONFLICT,
        headers={"Content-Type": MEDIA_TYPE},
        body=JSONRenderer().render(body),
    )


def purge_answers() -> int:
    """Removes answers that are older than settings.IDEMPOTENCY_HOURS; how many they were."""
    number, _ = KeptAnswer.objects.filter(created_at__lt=_oldest()).delete()
    return number


def _answer_once(
    view: Any, request: Request, key: str, fingerprint: str, execute: Callable[[], Response]
) -> HttpResponseBase:
    scope = {"user": request.user, "method": request.method, "path": request.path, "key": key}

    def work() -> HttpResponse | ProblemError:
        _lock(f"{request.user.pk} {request.method} {request.path} {key}")
        kept = KeptAnswer.objects.filter(**scope).first()
        if kept is not None and kept.created_at >= _oldest():
            return _replayed(kept, fingerprint)
        if kept is not None:
            kept.delete()
        try:
            answer = _rendered(view, request, execute())
        except ProblemError as problem:
            # The record of a refused batch stays, though the request can be sent again.
            return problem
        if answer.status_code in VERDICTS:
            KeptAnswer.objects.create(
                **scope,
                fingerprint=fingerprint,
                status=answer.status_code,
                headers={name: answer[name] for name in _KEPT_HEADERS if name in answer},
                body=answer.content,
            )
        return answer

    answer = in_transaction(work)
    if isinstance(answer, ProblemError):
        raise answer
    return answer


def _lock(scope: str) -> None:
    """Until the end of the transaction, whatever ends it. Raises ProblemError when another one has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(scope)])
        [got] = cursor.fetchone()
    if not got:
        raise ProblemError(ProblemCode.IDEMPOTENCY_IN_PROGRESS, IN_PROGRESS)


def _replayed(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint not in (ERASED, fingerprint):
        raise ProblemError(ProblemCode.IDEMPOTENCY_MISMATCH, MISMATCH)
    headers = {**kept.headers, REPLAYED: "true"}
    return HttpResponse(bytes(kept.body), status=kept.status, headers=headers)


def _rendered(view: Any, request: Request, response: Response) -> HttpResponse:
    """As JSON, whatever was asked for: the bytes that are kept are those that are answered."""
    response.accepted_renderer = JSONRenderer()
    response.accepted_media_type = JSONRenderer.media_type
    context = {"view": view, "request": request, "response": response}
    response.renderer_context = context  # type: ignore[attr-defined] # The stubs lack it.
    response.render()
    return HttpResponse(
        response.content, status=response.status_code, headers=dict(response.headers)
    )


def sent_parts(request: Request) -> list[Any]:
    """Media type and body. Of a form its fields and file: its bytes differ each time it is sent."""
    if content_type(request)[0] == FORM:
        fields, files = read_form(request)
        body = [FORM, *(text for field in sorted(fields.items()) for text in field)]
        if (file := files.get("file")) is not None:
            file.seek(0)
            body += [file.name, file.read()]
        return body
    names = ("CONTENT_TYPE", "HTTP_CONTENT_ENCODING")
    return [*(request.META.get(name, "") for name in names), sent_bytes(request)]


def _fingerprint(request: Request, parts_of: Parts) -> str:
    digest = hashlib.sha256()
    # An answer with names is kept for who may see them: the right may be lost since, or a token lack it.
    of_whom = [] if may_see_sent(request.user) else ["without names"]
    for part in (request.META.get("QUERY_STRING", ""), *parts_of(request), *of_whom):
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


def _oldest() -> datetime:
    return timezone.now() - timedelta(hours=settings.IDEMPOTENCY_HOURS)
