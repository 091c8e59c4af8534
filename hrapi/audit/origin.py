"""Who is at work, and from where: the request that is being answered, or the command that runs."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from hrapi.api.addresses import client_address
from hrapi.api.request_log import recognised_user
from hrapi.logs import current_command, route_of

_IDS = re.compile(r"[0-9]*|\((id=)?[0-9]+\)")

_request: ContextVar[Any] = ContextVar("audited_request", default=None)


@dataclass(frozen=True)
class Origin:
    """Of a request `command` is None, of a command `user_id`, `address` and `request_id` are."""

    user: str | None
    user_id: int | None = None
    address: str | None = None
    request_id: str | None = None
    command: str | None = None


@contextmanager
def answering(request: Any) -> Iterator[None]:
    """Within it, what this thread does is done for the request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> Any:
    """Django's request that this thread answers; None in a command."""
    return _request.get()


def current_origin() -> Origin:
    request = _request.get()
    if request is None:
        return Origin(user=_system_account(), command=current_command())
    user = recognised_user(request)
    return Origin(
        **account_of(user),
        address=client_address(request) or None,
        request_id=getattr(request, "log_id", None),
    )


def account_of(user: Any) -> dict[str, Any]:
    """The name of the account and its id, by which it is found when its name has changed."""
    name = user.get_username() if user is not None else ""
    return {"user": name, "user_id": user.pk} if name else {"user": None, "user_id": None}


def path_of(request: Any) -> str:
    """The path, where only ids stand in it, `(7)` among them; else its pattern. Never with a query."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return "-"
    written = [*match.args, *match.kwargs.values()]
    is_plain = all(_IDS.fullmatch(str(part)) for part in written)
    return request.path if is_plain else route_of(request)


def _system_account() -> str:
    """Not from the environment, which says what anybody likes."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
