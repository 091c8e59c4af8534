"""One transaction that is done again when another one got in its way."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from psycopg2 import errorcodes

MAX_ATTEMPTS = 10

_is_within: ContextVar[bool] = ContextVar("is_within_a_transaction", default=False)

# What was judged is no longer so: somebody stored the same id, or deleted a row that is referred to.
_OVERTAKEN = {
    errorcodes.UNIQUE_VIOLATION,
    errorcodes.FOREIGN_KEY_VIOLATION,
    errorcodes.DEADLOCK_DETECTED,
    errorcodes.SERIALIZATION_FAILURE,
}

Result = TypeVar("Result")


class BusyError(OperationalError):
    """Others kept changing the same rows. Nothing was stored; it may be tried again later."""


class OvertakenError(Exception):
    """What was judged is no longer so, though the database would not mind. The work is to be done again."""


def in_transaction(work: Callable[[], Result]) -> Result:
    """Runs `work` in a transaction of its own and commits it, from the start again when it was overtaken.

    Within the work of another call it is a part of that one's transaction, and is done again with it.
    Raises BusyError when that happens too often, and any other error of the database as it is.
    """
    if _is_within.get():
        with transaction.atomic():
            return work()
    token = _is_within.set(True)
    try:
        return _again_while_overtaken(work)
    finally:
        _is_within.reset(token)


def _again_while_overtaken(work: Callable[[], Result]) -> Result:
    for attempt in range(MAX_ATTEMPTS):
        try:
            with transaction.atomic(durable=True):
                return work()
        except (IntegrityError, OperationalError) as error:
            if sqlstate(error) not in _OVERTAKEN:
                raise
        except OvertakenError:
            pass
        time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - no secret
    raise BusyError("Other batches kept changing the same rows.")


def sqlstate(error: DatabaseError) -> str | None:
    """PostgreSQL's five-character code of an error, where it has one."""
    return getattr(error.__cause__, "pgcode", None)


def lock_number(scope: str) -> int:
    """The number of the advisory lock that stands for this text."""
    return int.from_bytes(hashlib.sha256(scope.encode()).digest()[:8], signed=True)
