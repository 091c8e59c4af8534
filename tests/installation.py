"""The service as somebody installed it: its commands run as processes, on a data directory of its own."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg2

from hrapi.embedded_postgres.server import server_of
from tests.embedded_postgres.harness import PATIENCE, PROJECT, has_ended, place


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code and all that it wrote."""

    code: int
    output: str
    errors: str


class Installation:
    """A data directory and the environment of the commands that use it."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        # Empty, not missing: a developer's own .env must not fill them in.
        unset = {"DATABASE_URL": "", "SECRET_KEY": "", "DEBUG": ""}
        self._processes: list[subprocess.Popen[bytes]] = []
        self.environment = os.environ | unset | {"HRAPI_DATA_DIR": str(data_dir)} | environment

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Starts `manage.py` with these arguments. Output and errors are pipes unless said otherwise."""
        environment = self.environment | options.pop("environment", {})
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=environment,
            **pipes | options,
        )
        self._processes.append(process)
        return process

    def manage(self, *arguments: str, stdin: bytes = b"", **environment: str) -> Finished:
        """Runs `manage.py` to its end."""
        process = self.start(*arguments, environment=environment)
        try:
            output, errors = process.communicate(stdin, timeout=PATIENCE)
        finally:
            self._end(process)
        return Finished(process.returncode, output.decode(), errors.decode())

    def end_all(self) -> None:
        """Ends whatever a test that failed has left running."""
        for process in self._processes:
            self._end(process)

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=PATIENCE)

    @contextmanager
    def serving(self, *, workers: int = 1, log: IO[bytes] | None = None) -> Iterator[int]:
        """gunicorn as it runs in production; the port on which it answers. `log` gets what it complains of."""
        port = free_port()
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn"),
                *("--bind", f"127.0.0.1:{port}", "--workers", str(workers)),
            ],
            cwd=PROJECT,
            env=self.environment,
            stderr=log,
        )
        self._web_pid = server.pid
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(PATIENCE)

    def web_master(self) -> int:
        """The process id of gunicorn itself, while it is serving."""
        return self._web_pid

    def web_workers(self) -> list[int]:
        """The process ids of gunicorn's workers, while it is serving."""
        children = Path(f"/proc/{self._web_pid}/task/{self._web_pid}/children").read_text()
        return [int(pid) for pid in children.split() if not has_ended(int(pid))]

    def hold(self, *, fsync: bool = False) -> Path:
        """Keeps the private server running between commands; the directory of its socket.

        Without `fsync` a server that is killed may forget what it committed last.
        """
        return server_of(self.data_dir).ensure_running(fsync=fsync, check=True)

    def let_go(self) -> None:
        """Stops the private server when nobody else uses it."""
        server_of(self.data_dir).leave()

    def server_pid(self) -> int:
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def connection(
        self, *, autocommit: bool = True, user: str = "hrapi", database: str = "hrapi"
    ) -> Iterator[Any]:
        """A cursor of a connection to the private server, which must be running."""
        lines = (self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        client = psycopg2.connect(host=lines[4], port=lines[3], user=user, dbname=database)
        client.autocommit = autocommit
        try:
            with client.cursor() as cursor:
                yield cursor
        finally:
            client.close()

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.connection() as cursor:
            cursor.execute(sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    @contextmanager
    def held_up_at(self, row_id: int) -> Iterator[None]:
        """Another session is storing an employee of this id and does not finish: whoever brings it has to wait."""
        with self.connection(autocommit=False) as cursor:
            cursor.execute(
                "INSERT INTO employees (id, name, datetime, department_id, job_id)"
                " VALUES (%s, 'X', now(), 1, 1)",
                [row_id],
            )
            yield

    def someone_waits(self) -> bool:
        """Whether one session waits for another one."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return self.query(waiting) == [(1,)]


@contextmanager
def installation(**environment: str) -> Iterator[Installation]:
    """A fresh data directory that is taken away again, with whatever server still runs in it."""
    with place() as home:
        installed = Installation(home.data_dir, **environment)
        try:
            yield installed
        finally:
            installed.end_all()
            installed.let_go()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            client.request("GET", "/healthz")
            client.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            client.close()
    raise TimeoutError(f"Nobody answers on port {port}.")


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
