"""What fails for a while only is tried again, at growing distances and for a bounded time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_before_delay
from tenacity.wait import wait_exponential_jitter

from hrapi.client.errors import ClientError

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0

logger = logging.getLogger("hrapi.client")

Result = TypeVar("Result")

_growing = wait_exponential_jitter(multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS)


def with_retries(attempt: Callable[[], Result], *, seconds: float) -> Result:
    """What `attempt` returns; it is called again after errors that pass, for so many seconds.

    Raises its last ClientError.
    """
    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, ClientError) and error.is_passing),
        wait=_pause,
        stop=stop_before_delay(seconds),
        before_sleep=_tell,
        reraise=True,
    )
    return retrying(attempt)


def _pause(state: RetryCallState) -> float:
    return max(_growing(state), _error(state).retry_after)


def _tell(state: RetryCallState) -> None:
    pause = state.next_action.sleep if state.next_action else 0.0
    logger.warning("%s Trying again in %.1f s.", _error(state), pause)


def _error(state: RetryCallState) -> ClientError:
    error = state.outcome.exception() if state.outcome else None
    # Nothing else is tried again.
    assert isinstance(error, ClientError)  # noqa: S101  # nosec B101
    return error
