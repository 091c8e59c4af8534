"""What cron runs: our own commands, with a line in a log for each."""

from __future__ import annotations

import io
import os
import sys
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import CommandError, call_command

from hrapi.logs import log_context

LOG = "cron.log"


def run_command(*arguments: str) -> None:
    """Runs a command without output, as cron likes it. What it raises is logged and raised again."""
    said = io.StringIO()
    try:
        with log_context(command=arguments[0]):
            call_command(*arguments, stdout=io.StringIO(), stderr=said)
    except CommandError as error:
        _log(arguments, f"exit code {error.returncode}: {error}")
        raise
    except BaseException as error:
        _log(arguments, f"failed: {type(error).__name__}")
        raise
    _log(arguments, " ".join(["done.", *said.getvalue().split()]))


def _log(arguments: tuple[str, ...], what: str) -> None:
    """A log that cannot be written stops no job: its own end is in the database as well."""
    path = settings.DATA_DIR / LOG
    line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {' '.join(arguments)}: {what}\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8", opener=_for_its_owner) as file:
            file.write(line)
    except OSError as error:
        sys.stderr.write(f"{path}: {error.strerror}\n")


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
