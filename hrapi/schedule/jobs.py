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
_LOOKED_AT_BYTES = 64 * 1024
_STUCK = " (nothing was done)"


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


def run_often(*arguments: str) -> None:
    """The same for a command that is run each minute: no line when it had nothing to do, nor when it could still
    do nothing for the reason that stands in its last line. Then cron has nothing to mail either. When it could
    do nothing, and now had nothing to do, that is a line: the same reason is news again.

    The command's last line of output says what it did, without names of people.
    """
    done = io.StringIO()
    try:
        with log_context(command=arguments[0]):
            call_command(*arguments, stdout=done, stderr=io.StringIO())
    except CommandError as error:
        what = f"exit code {error.returncode}: {error}"
        what = _joined(done, what) if done.getvalue() else f"{what}{_STUCK}"
        if not done.getvalue() and _last_logged(arguments) == what:
            sys.exit(error.returncode)
        _log(arguments, what)
        raise
    except BaseException as error:
        _log(arguments, f"failed: {type(error).__name__}")
        raise
    if done.getvalue() or _last_logged(arguments).endswith(_STUCK):
        _log(arguments, _joined(done, "done."))


def _joined(done: io.StringIO, how_it_ended: str) -> str:
    return " ".join([how_it_ended, *done.getvalue().splitlines()[-1:]])


def _last_logged(arguments: tuple[str, ...]) -> str:
    """What the last line says that the log has of the command, near its end; else ""."""
    start = f" {' '.join(arguments)}: "
    try:
        with open(settings.DATA_DIR / LOG, "rb", opener=_for_reading) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOOKED_AT_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    found = [line.partition(start)[2] for line in lines if start in line]
    return found[-1] if found else ""


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


def _for_reading(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
