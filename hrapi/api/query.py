"""Query parameters: only known names, each at most once. A misspelt name must not change an answer silently."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Protocol

from django.http import QueryDict

from hrapi.api.problems import ProblemCode, ProblemError

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


class Asks(Protocol):
    """A request, or whatever else holds query parameters."""

    @property
    def query_params(self) -> QueryDict: ...


def check_query(request: Asks, *, known: Collection[str]) -> None:
    """Raises ProblemError for a parameter that the endpoint does not know, or that is there twice."""
    known = {*known, "format"}
    for name, values in request.query_params.lists():
        if name not in known:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                f"There is no parameter {name!r} here. Known are: {', '.join(sorted(known))}.",
            )
        if "\ufffd" in values[0]:
            raise ProblemError(ProblemCode.INVALID_PARAMETER, f"{name}: send the value in UTF-8.")
        if len(values) > 1:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER, f"{name}: send the parameter once, not twice."
            )


def choice(request: Asks, name: str, choices: Collection[str], *, default: str) -> str:
    value = request.query_params.get(name, default)
    if value not in choices:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"{name}: {value!r} is not known. Choose one of {', '.join(choices)}.",
        )
    return value


def integer(request: Asks, name: str, *, default: int, minimum: int, maximum: int) -> int:
    value = request.query_params.get(name)
    if value is None:
        return default
    if _NUMBER.fullmatch(value) and minimum <= int(value) <= maximum:
        return int(value)
    raise ProblemError(
        ProblemCode.INVALID_PARAMETER,
        f"{name}: send a whole number from {minimum} to {maximum}, not {value[:20]!r}.",
    )
