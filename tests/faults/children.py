"""Backups made by a child of this process, which can be made to fail at any step."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import connections

from hrapi.backups import avro_files

CRASHED = 137
SURVIVED = 98
_UNEXPECTED = 99
_failed = False


def backup_in_child(prepare: Callable[[], Any]) -> int:
    """The exit code of a backup, made by a child of this process after `prepare`.

    `SURVIVED` when it was made although a step failed: a directory that is there need not be made.
    """
    connections.close_all()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = _UNEXPECTED
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            prepare()
            call_command("backup", stdout=nowhere, stderr=nowhere)
            code = SURVIVED if _failed else 0
    except CommandError as error:
        code = error.returncode
    finally:
        os._exit(code)


def fail_at(step: int, fail: Callable[[], None]) -> None:
    """Has the step of this number fail, of all those that touch the disk."""
    steps = count(1)

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*arguments: Any, **options: Any) -> Any:
            if next(steps) == step:
                global _failed
                _failed = True
                fail()
            return real(*arguments, **options)

        return instead

    for name in ("open", "fsync", "mkdir", "rename"):
        mock.patch.object(os, name, before(getattr(os, name))).start()
    mock.patch.object(avro_files._Hashed, "write", before(avro_files._Hashed.write)).start()


def crash() -> None:
    os._exit(CRASHED)


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")


def limit_files(limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
