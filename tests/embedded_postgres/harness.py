"""Starts the processes of the tests and sees to it that nothing outlives them."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class User:
    """A process that uses the server of a data directory."""

    def __init__(self, data_dir: Path, *, environment: dict[str, str], options: dict[str, Any]):
        places = (environment.get("PYTHONPATH"), str(PROJECT), os.environ.get("PYTHONPATH"))
        search_path = os.pathsep.join(filter(None, places))
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.embedded_postgres.user_script"),
                json.dumps({"data_dir": str(data_dir), **options}),
            ],
            cwd=PROJECT,
            env={**os.environ, **environment, "PYTHONPATH": search_path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        self._receive()

    def __enter__(self) -> User:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def query(self, sql: str) -> Any:
        return self.ask(sql=sql)

    def ask(self, **command: Any) -> Any:
        self.send(**command)
        return self.answer()

    def send(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")

    def answer(self) -> Any:
        received = self._receive()
        assert "answer" in received, received
        return received["answer"]

    def error(self) -> str:
        received = self._receive()
        assert "error" in received, received
        return str(received["error"])

    def leave(self) -> tuple[str, str]:
        """End as a program ends; return what it still wrote to its output and error streams."""
        output, errors = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return output.decode(), errors.decode()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "no answer"
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        answer: dict[str, Any] = json.loads(line)
        return answer


class Place:
    """A data directory of its own for one test, with the processes that use it."""

    def __init__(self, data_dir: Path, *, stack: ExitStack) -> None:
        self.data_dir = data_dir
        self.cluster = data_dir / "postgres"
        self.socket_dir = data_dir / "postgres-socket"
        self.log = data_dir / "postgres.log"
        self._stack = stack

    def user(self, *, environment: dict[str, str] | None = None, **options: Any) -> User:
        user = User(
            self.data_dir, environment=environment or {}, options={"fsync": False, **options}
        )
        return self._stack.enter_context(user)

    def server_pid(self) -> int:
        return int((self.cluster / "postmaster.pid").read_text().splitlines()[0])

    def server_socket_dir(self) -> Path:
        return Path((self.cluster / "postmaster.pid").read_text().splitlines()[4])

    def is_running(self) -> bool:
        try:
            path = self.server_socket_dir() / ".s.PGSQL.5432"
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
        except (FileNotFoundError, ConnectionError):
            return False
        return True

    def stop_server(self) -> None:
        if self.is_running():
            pid, socket_dir = self.server_pid(), self.server_socket_dir()
            os.kill(pid, signal.SIGQUIT)
            wait_until(lambda: has_ended(pid))
            if not socket_dir.is_relative_to(self.data_dir):
                shutil.rmtree(socket_dir)


@contextmanager
def place(*, below: str = "data") -> Iterator[Place]:
    base = Path(tempfile.mkdtemp(prefix="hrapi-test-"))
    try:
        with ExitStack() as stack:
            found = Place(base / below, stack=stack)
            stack.callback(found.stop_server)
            yield found
    finally:
        shutil.rmtree(base, ignore_errors=True)


def has_ended(pid: int) -> bool:
    """Say whether the process is gone, or is dead and waits for its parent only."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
