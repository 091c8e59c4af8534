"""What the client can do wrong, as exceptions with a stable code. One handler turns them into bodies."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Any


class ProblemCode(StrEnum):
    """Why a request was refused."""

    MALFORMED_JSON = "malformed_json"
    TOO_DEEP = "too_deep"
    WRONG_TOP_LEVEL_TYPE = "wrong_top_level_type"
    EMPTY_BATCH = "empty_batch"
    BATCH_TOO_LARGE = "batch_too_large"
    BODY_TOO_LARGE = "body_too_large"
    UNDECODABLE = "undecodable"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    BAD_HEADER = "bad_header"
    INVALID_PARAMETER = "invalid_parameter"
    NOT_AUTHENTICATED = "not_authenticated"
    PERMISSION_DENIED = "permission_denied"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    THROTTLED = "throttled"
    SERVICE_UNAVAILABLE = "service_unavailable"
    INTERNAL_ERROR = "internal_error"
    NOT_SUPPORTED = "not_supported"


STATUS_OF_CODE: dict[ProblemCode, HTTPStatus] = {
    ProblemCode.MALFORMED_JSON: HTTPStatus.BAD_REQUEST,
    ProblemCode.TOO_DEEP: HTTPStatus.BAD_REQUEST,
    ProblemCode.WRONG_TOP_LEVEL_TYPE: HTTPStatus.BAD_REQUEST,
    ProblemCode.EMPTY_BATCH: HTTPStatus.BAD_REQUEST,
    ProblemCode.BATCH_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ProblemCode.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ProblemCode.UNDECODABLE: HTTPStatus.BAD_REQUEST,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.BAD_HEADER: HTTPStatus.BAD_REQUEST,
    ProblemCode.INVALID_PARAMETER: HTTPStatus.BAD_REQUEST,
    ProblemCode.NOT_AUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ProblemCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    ProblemCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ProblemCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ProblemCode.CONFLICT: HTTPStatus.CONFLICT,
    ProblemCode.IDEMPOTENCY_MISMATCH: HTTPStatus.UNPROCESSABLE_ENTITY,
    ProblemCode.IDEMPOTENCY_IN_PROGRESS: HTTPStatus.CONFLICT,
    ProblemCode.THROTTLED: HTTPStatus.TOO_MANY_REQUESTS,
    ProblemCode.SERVICE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ProblemCode.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    ProblemCode.NOT_SUPPORTED: HTTPStatus.NOT_IMPLEMENTED,
}


class ProblemError(Exception):
    """A request that cannot be carried out. `detail` says what was found, what was expected and what to do."""

    def __init__(self, code: ProblemCode, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.members = members
        """Further members of the problem body."""

    @property
    def status(self) -> HTTPStatus:
        return STATUS_OF_CODE[self.code]


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
