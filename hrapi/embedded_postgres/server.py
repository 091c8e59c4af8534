"""The life of the private server: the first user starts it, the last one stops it."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from hrapi.embedded_postgres import locks, postmaster
from hrapi.embedded_postgres.account import server_account
from hrapi.embedded_postgres.cluster import CLUSTER, Cluster
from hrapi.embedded_postgres.errors import EmbeddedServerError
from hrapi.embedded_postgres.launch import launch, remove_temporary_socket_dir, request_stop

START_TIMEOUT = 120.0
STOP_TIMEOUT = 20.0
POLL_INTERVAL = 0.01
QUIET_AT_EXIT = (
    OSError,
    subprocess.SubprocessError,
    EmbeddedServerError,
    ImproperlyConfigured,
    KeyboardInterrupt,
    SystemExit,
)

_servers: dict[Path, EmbeddedServer] = {}


class EmbeddedServer:
    """The private server of one data directory, as this process sees it.

    Every process that uses the server holds a shared lock, so the kernel counts the users.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._threads = threading.Lock()
        self._users: int | None = None
        self._running: postmaster.Postmaster | None = None

    def ensure_running(self, *, fsync: bool = True, check: bool = False) -> Path:
        """Return the socket directory of a running server, starting the server if needed.

        Without check, a server that was found once is not looked at again.
        """
        with self._threads:
            if self._running is None or check:
                try:
                    self._running = self._attach_or_start(fsync=fsync)
                except OSError as error:
                    raise EmbeddedServerError(
                        f"The private PostgreSQL server cannot use the directory {self.data_dir}"
                        f" ({error}). Give this user access to it, or set DATABASE_URL."
                    ) from error
            return self._running.socket_dir

    def leave(self) -> None:
        """Stop the server if this process is its last user; never raises, never writes."""
        if self._users is None:
            return
        with contextlib.suppress(*QUIET_AT_EXIT):
            try:
                with locks.exclusive(self._start_lock):
                    self._close_users()
                    last = not locks.is_held(self._users_lock)
                    if last and self._cluster().is_alive():
                        self._stop()
            finally:
                self._end_orphan()
                self._running = None

    def forget(self) -> None:
        """Start anew, as a forked child does: the parent's share of the lock is not ours."""
        self._threads = threading.Lock()
        self._close_users()
        self._running = None

    def _attach_or_start(self, *, fsync: bool) -> postmaster.Postmaster:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locks.exclusive(self._start_lock):
            self._close_users()
            self._users = locks.take_shared(self._users_lock)
            cluster = self._cluster(fsync=fsync)
            running = self._wait_until_ready(cluster)
            if running is None:
                launch(cluster)
                running = self._wait_until_ready(cluster)
            if running is None:
                raise cluster.failure("the server ended at once")
        if not cluster.owns_privately(running.socket_dir):
            raise EmbeddedServerError(
                f"{running.socket_dir} has to be a directory that belongs to the account of the"
                f" private PostgreSQL server alone. Stop the server, or set DATABASE_URL."
            )
        return running

    def _wait_until_ready(self, cluster: Cluster) -> postmaster.Postmaster | None:
        deadline = time.monotonic() + START_TIMEOUT
        while cluster.is_alive():
            found = postmaster.read_postmaster(cluster.directory)
            if found is not None and found.ready and found.accepts_connections():
                return found
            if time.monotonic() > deadline:
                raise cluster.failure(f"no answer within {START_TIMEOUT:.0f} seconds")
            time.sleep(POLL_INTERVAL)
        return None

    def _stop(self) -> None:
        cluster = self._cluster()
        found = postmaster.read_postmaster(cluster.directory)
        request_stop(cluster)
        deadline = time.monotonic() + STOP_TIMEOUT
        while cluster.is_alive() and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)
        if found is not None:
            remove_temporary_socket_dir(found.socket_dir, cluster=cluster)

    def _end_orphan(self) -> None:
        """End the server we knew if its data directory has vanished."""
        cluster = self.data_dir / CLUSTER
        if self._running is None or (cluster / "PG_VERSION").exists():
            return
        if postmaster.is_postmaster(self._running.pid, cluster=cluster):
            os.kill(self._running.pid, signal.SIGQUIT)

    def _cluster(self, *, fsync: bool = True) -> Cluster:
        return Cluster(data_dir=self.data_dir, account=server_account(self.data_dir), fsync=fsync)

    def _close_users(self) -> None:
        # Unlocking instead of closing would also unlock the parent of a forked process.
        if self._users is not None:
            os.close(self._users)
            self._users = None

    @property
    def _start_lock(self) -> Path:
        return self.data_dir / "postgres.start"

    @property
    def _users_lock(self) -> Path:
        return self.data_dir / "postgres.users"


def server_of(data_dir: Path | str) -> EmbeddedServer:
    """Return this process's view of the server of a data directory, without starting it."""
    path = Path(data_dir).resolve()
    return _servers.setdefault(path, EmbeddedServer(path))


def _leave_all() -> None:
    for server in _servers.values():
        server.leave()


def _forget_all() -> None:
    for server in _servers.values():
        server.forget()


atexit.register(_leave_all)
os.register_at_fork(after_in_child=_forget_all)
