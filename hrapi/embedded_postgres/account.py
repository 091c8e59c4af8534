"""The system account of the server, needed because PostgreSQL refuses to run as root."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hrapi.embedded_postgres.errors import EmbeddedServerError

SYSTEM_ACCOUNT = "hrapi-postgres"
USERADD_ATTEMPTS = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Account:
    """The user and group under which the server runs."""

    uid: int
    gid: int


def server_account(data_dir: Path) -> Account | None:
    """Return the account the server runs under, or None for the one we run under ourselves.

    A data directory of an ordinary user keeps its owner, so that `sudo` once does no harm.
    """
    if os.geteuid() != 0:
        return None
    entry = _entry_of_owner(data_dir) or _entry_of_system_account()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def make_reachable(*, account: Account, directories: Iterable[Path], trees: Iterable[Path]) -> None:
    """Let the account pass through these directories' parents and read these trees.

    Only the permissions that are missing are added, and one warning names the directories.
    """
    trees = tuple(trees)
    passages = {parent for path in (*directories, *trees) for parent in path.resolve().parents}
    opened = [
        path
        for path in sorted(passages)
        if _add_permission(path, account=account, wanted=stat.S_IXOTH)
    ]
    for tree in trees:
        added = [_add_permission(path, account=account, wanted=bits) for path, bits in _walk(tree)]
        opened += [tree] if any(added) else []
    if opened:
        logger.warning(
            "PostgreSQL cannot run as root, so it runs as the system user %s; "
            "to let it in, permissions for other users were added to: %s",
            pwd.getpwuid(account.uid).pw_name,
            ", ".join(map(str, opened)),
        )


def _entry_of_owner(data_dir: Path) -> pwd.struct_passwd | None:
    owner = data_dir.stat().st_uid
    if owner == 0:
        return None
    try:
        return pwd.getpwuid(owner)
    except KeyError:
        return None


def _entry_of_system_account() -> pwd.struct_passwd:
    # useradd fails while another process holds the lock of /etc/passwd.
    for _ in range(USERADD_ATTEMPTS):
        try:
            return pwd.getpwnam(SYSTEM_ACCOUNT)
        except KeyError:
            message = _create_system_account()
        if message:
            time.sleep(0.2)
    raise EmbeddedServerError(
        f"PostgreSQL cannot run as root, and creating the system user {SYSTEM_ACCOUNT} failed"
        f" ({message}). Create that user, run as an ordinary user, or set DATABASE_URL."
    )


def _create_system_account() -> str:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return "the program useradd was not found"
    shell = "/usr/sbin/nologin"
    completed = subprocess.run(
        [useradd, "--system", "--no-create-home", "--shell", shell, SYSTEM_ACCOUNT],
        check=False,
        capture_output=True,
        text=True,
    )
    return completed.stderr.strip() if completed.returncode else ""


def _walk(tree: Path) -> Iterator[tuple[Path, int]]:
    for directory, _, files in os.walk(tree):
        yield Path(directory), stat.S_IROTH | stat.S_IXOTH
        for name in files:
            path = Path(directory, name)
            executable = path.stat().st_mode & stat.S_IXUSR
            yield path, stat.S_IROTH | (stat.S_IXOTH if executable else 0)


def _add_permission(path: Path, *, account: Account, wanted: int) -> bool:
    """Add the bits for others unless the account has them already; say whether it was needed."""
    status = path.stat()
    if status.st_uid == account.uid:
        granted = status.st_mode >> 6
    elif status.st_gid == account.gid:
        granted = status.st_mode >> 3
    else:
        granted = status.st_mode
    if granted & wanted == wanted:
        return False
    path.chmod(stat.S_IMODE(status.st_mode) | wanted)
    return True
