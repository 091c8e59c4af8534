"""What is written about errors. What a database says of one quotes rows, and with them names of people."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import psycopg2
from django.db.utils import Error


class NamelessFormatter(logging.Formatter):
    """Writes of an error of the database its kind and SQLSTATE, in place of its text."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        return "".join(_described(ei[1])).rstrip("\n")


def print_nameless(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """In place of `sys.excepthook`."""
    # psycopg2 prints this one when a connection ends during a COPY. It raises the error as well.
    if not (isinstance(error, SystemError) and isinstance(error.__cause__, psycopg2.Error)):
        sys.stderr.write("".join(_described(error)))


def _described(error: BaseException) -> Iterator[str]:
    """The lines of its traceback, those of the errors that led to it first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _described(earlier)
        yield "\nWhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    if isinstance(error, (psycopg2.Error, Error)):
        code = getattr(error, "pgcode", None) or getattr(error.__cause__, "pgcode", None)
        yield f"{type(error).__module__}.{type(error).__qualname__}: SQLSTATE {code}\n"
    else:
        yield from traceback.format_exception_only(error)
