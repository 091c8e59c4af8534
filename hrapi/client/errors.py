"""What goes wrong, in words for who runs the client."""

from __future__ import annotations

from http import HTTPStatus

import httpx

TRY_AGAIN_STATUSES = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}

_ADVICE = {
    HTTPStatus.UNAUTHORIZED: (
        "The token is wrong or has ended: make a new one, on the service by `manage.py issue_token`."
    ),
    HTTPStatus.FORBIDDEN: (
        "The user of the token, or its scopes, may not do this: see the groups and scopes in the documents."
    ),
    HTTPStatus.NOT_FOUND: "Check the address, and the name of the table or dataset.",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait a while.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "It is the service's own fault: its log knows the request.",
}
# What is raised where an answer is no JSON, or of another shape than it should be.
DESCRIBED_OTHERWISE = (KeyError, ValueError, TypeError, AttributeError)
_PROBLEM = "application/problem+json"


class ClientError(Exception):
    """What went wrong and what to do about it.

    `status` is that of the answer, None when there was none; `code` the service's own word for it, empty when
    the answer was not the service's; `request_id` what its log calls the request. `is_passing` when the same
    request may succeed later, not before `retry_after` seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        is_passing: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.is_passing = is_passing
        self.retry_after = retry_after


class UsageError(ClientError):
    """What was asked for cannot be meant: wrong options, no address, no token."""


def refusal(answer: httpx.Response) -> ClientError:
    """The error that an answer is whose body has been read."""
    status = answer.status_code
    request_id = answer.headers.get("X-Request-ID", "")
    code, found = _told(answer)
    parts = [f"The service answers {status}{f' {code}' if code else ''}: {found}"]
    if status in _ADVICE:
        parts.append(_ADVICE[HTTPStatus(status)])
    if request_id:
        parts.append(f"(X-Request-ID: {request_id})")
    is_in_progress = code == "idempotency_in_progress"
    return ClientError(
        " ".join(parts),
        status=status,
        code=code,
        request_id=request_id,
        is_passing=is_in_progress or status in TRY_AGAIN_STATUSES,
        retry_after=_seconds(answer.headers.get("Retry-After", "")),
    )


def no_answer(address: str, error: httpx.RequestError) -> ClientError:
    """The error that it is when nothing, or only a part, came back."""
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return ClientError(
            f"The certificate of {address} is not trusted: {reason}. Give the service one that this machine"
            " trusts, or name its issuer by SSL_CERT_FILE."
        )
    if isinstance(error, httpx.TimeoutException):
        told = f"{address} did not answer in time ({type(error).__name__})."
    elif isinstance(error, httpx.ConnectError):
        told = (
            f"{address} cannot be reached: {reason}. Check the address, and that the service runs."
        )
    else:
        told = f"The connection to {address} broke: {reason}."
    return ClientError(told, is_passing=True)


def described_otherwise(address: str, error: Exception) -> ClientError:
    """The error that it is when what should describe tables or datasets could not be read."""
    return ClientError(
        f"{address} describes itself in another way than this client knows ({error!r})."
        " Is it the address of the service, and the client of the same version?"
    )


def _told(answer: httpx.Response) -> tuple[str, str]:
    """The code of a problem and its detail; of any other answer no code, and what it looks like."""
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type == _PROBLEM:
        try:
            problem = answer.json()
            return _printable(str(problem["code"])), _printable(str(problem["detail"]))
        except (ValueError, KeyError, TypeError):
            pass
    if answer.is_redirect:
        return "", (
            f"it leads to {answer.headers.get('Location', 'nowhere')}, and a token is not sent after a redirect."
            " If that is the service, give its address."
        )
    return "", (
        f"{answer.reason_phrase or 'no reason'}. The body is {media_type or 'of no type'}, so it is not the"
        " service that answers: look at the address and at the proxy before it."
    )


def _printable(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def _seconds(retry_after: str) -> float:
    # The other form, a date, is sent by no part of the service.
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
