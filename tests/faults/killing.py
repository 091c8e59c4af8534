"""Commands that are killed at some moment, and what they leave."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hrapi.backups.directory_place import DirectoryPlace
from hrapi.backups.errors import BadBackupError
from hrapi.backups.verification import verify
from tests.embedded_postgres.harness import wait_until
from tests.faults.outcome import Outcome
from tests.installation import Installation


def seconds(work: Callable[[], Any]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def kill_after(
    installed: Installation,
    seconds: float,
    *command: str,
    has_begun: Callable[[], bool] = lambda: True,
) -> bool:
    """Whether it was still running, so many seconds after it had begun."""
    nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    process = installed.start(*command, **nowhere)
    wait_until(lambda: has_begun() or process.poll() is not None)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def until_free(installed: Installation, outcome: Outcome) -> float:
    """The seconds until nobody holds a lock that keeps rows from being written."""
    begun = time.monotonic()
    while time.monotonic() - begun < 5:
        [[held]] = installed.query(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " OR (mode = 'ShareRowExclusiveLock' AND relation = 'employees'::regclass)"
        )
        if not held:
            return time.monotonic() - begun
        time.sleep(0.05)
    outcome.problem("the locks were not free within 5 s")
    return 5.0


def all_verify(outcome: Outcome, place: Path, when: str) -> None:
    """Every backup that is listed."""
    for name in DirectoryPlace(place).names():
        try:
            verify(place / name, deep=True)
        except BadBackupError as error:
            outcome.problem(f"{when}: {name}: {error}")
