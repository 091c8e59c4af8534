"""What OData requests are refused for. How that is written down is decided in `middleware.py`."""

from __future__ import annotations

from hrapi.api.problems import ProblemCode, ProblemError


def invalid(detail: str) -> ProblemError:
    """400: what was sent is wrong."""
    return ProblemError(ProblemCode.INVALID_PARAMETER, detail)


def not_supported(detail: str) -> ProblemError:
    """501: it is OData, and this service has no answer to it."""
    return ProblemError(ProblemCode.NOT_SUPPORTED, detail)


def too_deep(detail: str) -> ProblemError:
    return ProblemError(ProblemCode.TOO_DEEP, detail)
