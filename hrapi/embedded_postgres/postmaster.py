"""What the file postmaster.pid and the system say about a server process."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"


@dataclass(frozen=True, kw_only=True)
class Postmaster:
    """The server process as described by its own file."""

    pid: int
    socket_dir: Path
    ready: bool

    def accepts_connections(self) -> bool:
        """Say whether somebody listens on the socket."""
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(os.fspath(self.socket_dir / SOCKET_NAME))
            except (ConnectionError, FileNotFoundError, BlockingIOError):
                return False
        return True


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Return what postmaster.pid says, or None if it is missing or not yet complete."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    try:
        return Postmaster(
            pid=abs(int(lines[0])),
            socket_dir=Path(lines[4]),
            ready=lines[7].strip() == "ready",
        )
    except (IndexError, ValueError):
        return None


def recorded_pid(cluster: Path) -> int | None:
    """Return the process id in postmaster.pid, even if the rest of the file is missing."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_postmaster(pid: int, *, cluster: Path) -> bool | None:
    """Say whether the process may be a server of this cluster; None if it cannot be known."""
    if not Path("/proc/self/cmdline").exists():
        return None
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    if Path(words[0]).name != "postgres":
        return False
    if "-D" not in words[:-1]:
        return True
    directory = Path(words[words.index("-D") + 1])
    if not directory.is_absolute():
        return True
    try:
        return directory.samefile(cluster)
    except FileNotFoundError:
        return directory == cluster


def process_exists(pid: int) -> bool:
    """Say whether any process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
