"""Forms as they arrive: whole, or refused. Django takes a form that was cut for one with shorter values."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import RawPostDataException
from django.utils.http import parse_header_parameters

from hrapi.api.problems import ProblemCode, ProblemError


def form_bytes(request: HttpRequest) -> bytes:
    """The body of a form, kept for the parser. Raises ProblemError for one that is cut or too large."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise ProblemError(
            ProblemCode.BODY_TOO_LARGE,
            f"The body has more than {settings.MAX_BODY_BYTES:,} bytes. Send it in parts.",
        ) from None
    except (OSError, RawPostDataException) as error:
        raise ProblemError(
            ProblemCode.UNDECODABLE, "The body could not be read to its end."
        ) from error
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdigit() and len(body) < int(declared):
        raise ProblemError(
            ProblemCode.UNDECODABLE,
            f"The body ended after {len(body)} of the {declared} bytes that were announced.",
        )
    _, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    end = f"--{parameters.get('boundary', '')}--".encode("utf-8", "surrogateescape")
    if not (body.startswith(end) or b"\r\n" + end in body or b"\n" + end in body):
        raise ProblemError(
            ProblemCode.UNDECODABLE, "The form does not end with its boundary: it was cut."
        )
    return body
