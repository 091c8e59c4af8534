"""One PostgreSQL cluster on disk: its files, its creation and the programs run on it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hrapi.embedded_postgres import binaries, locks, postmaster
from hrapi.embedded_postgres.account import Account
from hrapi.embedded_postgres.errors import EmbeddedServerError

SUPERUSER = "hrapi"
DATABASE = "hrapi"
CLUSTER = "postgres"
"""Its directory in the data directory."""
LOG_SIZE_LIMIT = 5_000_000
LOG_TAIL_LINES = 3
INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=reject",
)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The cluster of a data directory; callers hold the start lock around every method."""

    data_dir: Path
    account: Account | None
    fsync: bool = True

    @property
    def directory(self) -> Path:
        """Where the data lie."""
        return self.data_dir / CLUSTER

    @property
    def log(self) -> Path:
        """Where the server and its programs write their messages."""
        return self.data_dir / "postgres.log"

    def is_alive(self) -> bool:
        """Say whether a server process of this cluster exists, ready or not."""
        if locks.is_held(self._server_lock):
            return True
        pid = postmaster.recorded_pid(self.directory)
        return pid is not None and bool(postmaster.is_postmaster(pid, cluster=self.directory))

    def create_if_missing(self) -> None:
        """Create the cluster and its database, wholly or not at all."""
        if (self.directory / "PG_VERSION").exists():
            return
        with self.server_lock() as descriptor:
            for leftover in self.data_dir.glob("postgres.new-*"):
                shutil.rmtree(leftover)
            new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data_dir))
            self.give_to_account(new)
            self.run("initdb", "-D", os.fspath(new), *INITDB_OPTIONS, keep_open=[descriptor])
            self.run(
                *("postgres", "--single", "-D", os.fspath(new), "postgres"),
                keep_open=[descriptor],
                stdin=f"CREATE DATABASE {DATABASE}\n",
            )
            try:
                new.rename(self.directory)
            except OSError as error:
                raise EmbeddedServerError(
                    f"{self.directory} is in the way and is no PostgreSQL cluster"
                    f" ({error.strerror}). Move it away, or set DATABASE_URL."
                ) from error
        _write_through(self.data_dir)

    def claim(self) -> None:
        """Make a cluster that was copied or moved here private to the server's account."""
        if self.owns_privately(self.directory):
            return
        if self.account:
            for parent, directories, files in os.walk(self.directory):
                for name in (*directories, *files):
                    path = Path(parent, name)
                    os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)
        self.give_to_account(self.directory)

    @contextmanager
    def server_lock(self) -> Iterator[int]:
        """Hold the lock which says that the cluster is in use; programs can inherit it."""
        descriptor = locks.try_exclusive(self._server_lock)
        if descriptor is None:
            raise EmbeddedServerError(f"Another PostgreSQL process is using {self.directory}.")
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def run(
        self, program: str, *arguments: str, stdin: str = "", keep_open: list[int] | None = None
    ) -> None:
        """Run a program of PostgreSQL on this cluster, with its messages going to the log."""
        descriptor = locks.open_private(self.log)
        with os.fdopen(descriptor, "ab") as log:
            if self.account:
                os.fchown(descriptor, self.account.uid, self.account.gid)
            try:
                status = binaries.run(
                    program,
                    arguments=arguments,
                    cluster=self.directory,
                    account=self.account,
                    output=log,
                    stdin=stdin,
                    keep_open=keep_open or [],
                )
            except subprocess.TimeoutExpired as error:
                raise self.failure(f"{program} did not finish") from error
        if status != 0:
            raise self.failure(f"{program} failed with exit status {status}")

    def failure(self, problem: str) -> EmbeddedServerError:
        """Return an error with the last lines of the log and a way out."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        except FileNotFoundError:
            lines = []
        said = " / ".join(line.strip() for line in lines) or "nothing"
        return EmbeddedServerError(
            f"Starting the private PostgreSQL server in {self.directory} did not work: {problem}."
            f" The end of {self.log} says: {said}."
            f" Solve that, or set DATABASE_URL to a PostgreSQL server of your own."
        )

    def rotate_log(self) -> None:
        """Keep one old log file once the log has become long."""
        if self.log.exists() and self.log.stat().st_size > LOG_SIZE_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def give_to_account(self, directory: Path) -> None:
        """Make the server's account the owner of a directory that nobody else may enter."""
        directory.chmod(0o700)
        if self.account:
            os.chown(directory, self.account.uid, self.account.gid)

    def owns_privately(self, directory: Path) -> bool:
        """Say whether this is a directory that only the server's account may enter."""
        try:
            status = directory.lstat()
        except FileNotFoundError:
            return False
        owner = self.account.uid if self.account else os.geteuid()
        private = not stat.S_IMODE(status.st_mode) & 0o077
        return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and private

    @property
    def _server_lock(self) -> Path:
        return self.data_dir / "postgres.server"


def _write_through(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
