"""A service that runs, the client as a process of its own, and what is stored in the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hrapi.client import Client
from tests.embedded_postgres.harness import PATIENCE, PROJECT
from tests.faults.installed import digests, token
from tests.installation import Finished, Installation, free_port, installation

# All tests are one user, who may be as fast as the machine.
LIMITS = {"WRITES_PER_MINUTE": "1000000", "REPORTS_PER_MINUTE": "1000000"}
# A batch knows no earlier one, and says of the same row another code.
OPEN_REJECTIONS = """SELECT "table", line, raw, array_replace(codes, 'already_exists', 'duplicate_in_batch')
    FROM rejected_rows WHERE status = 'open' ORDER BY "table", line"""
ROWS = {
    "departments": "SELECT id, department FROM departments ORDER BY id",
    "jobs": "SELECT id, job FROM jobs ORDER BY id",
    "employees": "SELECT id, name, datetime, department_id, job_id FROM employees ORDER BY id",
}


@dataclass(frozen=True)
class Served:
    """`secret` is the token of a loader."""

    installed: Installation
    port: int
    secret: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> Client:
        return Client(self.address, self.secret, **options)

    def empty(self) -> None:
        with self.installed.connection() as cursor:
            cursor.execute(
                "TRUNCATE employees, departments, jobs, rejected_rows, batches, kept_answers, row_changes"
            )

    def start(self, *arguments: str | Path, home: Path, **options: Any) -> subprocess.Popen[bytes]:
        """Starts the client with its home and working directory there."""
        environment = os.environ | {
            "HOME": str(home),
            "HRAPI_ADDRESS": self.address,
            "HRAPI_TOKEN": self.secret,
            "PYTHONPATH": str(PROJECT),
        }
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        environment |= options.pop("environment", {})
        return subprocess.Popen(
            [sys.executable, "-m", "hrapi.client", *map(str, arguments)],
            cwd=home,
            env=environment,
            **pipes | options,
        )

    def run(
        self, *arguments: str | Path, home: Path, stdin: bytes = b"", **environment: str
    ) -> Finished:
        """Runs the client to its end."""
        process = self.start(*arguments, home=home, environment=environment)
        try:
            output, errors = process.communicate(stdin, timeout=PATIENCE)
        finally:
            process.kill()
        return Finished(process.returncode, output.decode(), errors.decode())

    def stored(self) -> dict[str, Any]:
        """Every row, and what is open in the reject log."""
        found: dict[str, Any] = {name: self.installed.query(sql) for name, sql in ROWS.items()}
        return found | {"open": self.installed.query(OPEN_REJECTIONS)}

    def number_of(self, table: str) -> int:
        [[number]] = self.installed.query(f"SELECT count(*) FROM {table}")
        return int(number)


@contextmanager
def served() -> Iterator[Served]:
    with prepared() as installed, installed.serving() as port:
        yield Served(installed, port, token(installed))


@contextmanager
def prepared() -> Iterator[Installation]:
    with installation(**LIMITS) as installed:
        installed.hold(fsync=True)
        done = installed.manage("migrate", "--verbosity=0")
        assert done.code == 0, done.errors
        yield installed


__all__ = ["Served", "digests", "free_port", "prepared", "served"]
