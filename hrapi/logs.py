"""What is written to the log: no name of anybody, and always what it belongs to.

What a database says of an error quotes rows, and an address holds what people search for.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any

import psycopg2
from django.db.utils import Error

_context: ContextVar[Mapping[str, object]] = ContextVar("log_context", default=MappingProxyType({}))


@contextmanager
def log_context(**members: object) -> Iterator[None]:
    """Within it, each line of this thread says what it belongs to: a request, a load, a command."""
    before = _context.get()
    _context.set({**before, **members})
    try:
        yield
    finally:
        _context.set(before)


def current_command() -> str | None:
    """The command of `manage.py` that runs; None where none does."""
    command = _context.get().get("command")
    return None if command is None else str(command)


def route_of(request: Any) -> str:
    """The pattern of the address that was asked for, without what stood in its place; "-" for none."""
    match = getattr(request, "resolver_match", None)
    return match.route if match is not None else "-"


class AddressFilter(logging.Filter):
    """Puts the route in the place of the address, with which Django and gunicorn name a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        if record.name == "gunicorn.error" and record.exc_info and record.args:
            record.msg, record.args = "Error handling request", None
        elif isinstance(record.args, tuple) and hasattr(request, "path"):
            address = request.path.encode("unicode_escape").decode("ascii")
            record.args = tuple(
                route_of(request) if argument in (request.path, address) else argument
                for argument in record.args
            )
        return True


class NamelessFormatter(logging.Formatter):
    """Writes of an error of the database its kind and SQLSTATE, in place of its text."""

    def format(self, record: logging.LogRecord) -> str:
        members = " ".join(f"{name}={value}" for name, value in _members(record).items())
        record.context = f" [{members}]" if members else ""
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        return "".join(_described(ei[1])).rstrip("\n")


class JsonFormatter(NamelessFormatter):
    """One JSON object a line: time, level, logger, message, what it belongs to, the error if there was one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_members(record),
            **getattr(record, "measured", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _members(record: logging.LogRecord) -> Mapping[str, object]:
    # Django speaks of an answer once more when the request has left the middleware.
    request_id = getattr(getattr(record, "request", None), "log_id", None)
    return {"request_id": request_id, **_context.get()} if request_id else _context.get()


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
