"""How much one user may ask for in a minute, so that others get their turn. Counters are shared by all workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from hrapi.api.counters import count

_WINDOW = timedelta(minutes=1)


class UserThrottle(BaseThrottle):
    """Counts what changes something, and what a view calls expensive. Whatever else is read is not counted."""

    def allow_request(self, request: Request, view: Any) -> bool:
        refuse_beyond_limits(request, view)
        return True


def refuse_beyond_limits(request: Any, view: Any) -> None:
    """Raises Throttled when the user has asked for too much in this minute."""
    if request.method not in SAFE_METHODS:
        count_write(request.user)
    elif request.method != "OPTIONS" and getattr(view, "is_expensive", lambda: False)():
        count_report(request.user)


def count_write(user: Any) -> None:
    """Counts what changes something. Raises Throttled beyond the limit."""
    _count(user, "writes", settings.WRITES_PER_MINUTE)


def count_report(user: Any) -> None:
    """Counts what takes much work to read. Raises Throttled beyond the limit."""
    _count(user, "reports", settings.REPORTS_PER_MINUTE)


def _count(user: Any, kind: str, limit: int) -> None:
    if user.pk is None:
        return
    key = f"{kind}:{user.pk}"
    found = count([key], window=_WINDOW)[key]
    if found.hits > limit:
        raise Throttled(
            wait=found.seconds_left, detail=f"More than {limit:,} {kind} in a minute by one user."
        )
