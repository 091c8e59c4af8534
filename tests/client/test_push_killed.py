"""Kills of the client and the service: the end is that of one clean load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hrapi import sample_data
from tests.client.serving import Served, free_port, prepared
from tests.client.test_push import csv_text, people
from tests.embedded_postgres.harness import PROJECT, wait_until
from tests.faults.installed import token
from tests.installation import Installation, _wait_for


def write_history(directory: Path, *, employees: int) -> list[tuple[str, Path]]:
    """Departments, jobs and employees as files without a header, in the order of their references."""
    found = {
        "departments": [list(row.values()) for row in sample_data.department_rows()],
        "jobs": [list(row.values()) for row in sample_data.job_rows()],
        "employees": people(employees),
    }
    paths = []
    for table, rows in found.items():
        path = directory / f"{table}.csv"
        path.write_text(csv_text(rows))
        paths.append((table, path))
    return paths


@contextmanager
def web_server(installed: Installation, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn as a group of processes, so that all of it can be killed at once."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"],
        cwd=PROJECT,
        env=installed.environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port)
        yield server
    finally:
        kill_all_of(server)


def kill_all_of(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def push_to_the_end(service: Served, table: str, path: Path, home: Path) -> int:
    done = service.run("push", table, path, home=home)
    assert "Traceback" not in done.errors
    return done.code


def test_kills_of_service_and_client_change_nothing_in_the_end(tmp_path: Path) -> None:
    with prepared() as installed:
        service = Served(installed, free_port(), token(installed))
        history = write_history(tmp_path, employees=12_000)
        for table, path in history:
            installed.manage("load", table, str(path))
        expected = service.stored()
        assert len(expected["employees"]) > 11_000
        service.empty()

        with web_server(installed, service.port):
            for table, path in history[:2]:
                assert push_to_the_end(service, table, path, tmp_path) == 0
        table, path = history[2]
        batches_before = service.number_of("batches")

        with web_server(installed, service.port) as server, installed.held_up_at(2500):
            killed = service.start("push", table, path, home=tmp_path, stderr=subprocess.DEVNULL)
            wait_until(installed.someone_waits)
            assert service.number_of("batches") == batches_before + 2
            # The service is killed in the middle of a batch, ...
            kill_all_of(server)
        with web_server(installed, service.port) as server:
            with installed.held_up_at(4500):
                wait_until(installed.someone_waits)
                # ... then the client, whose batch the service goes on with, ...
                killed.kill()
                killed.communicate()
            with installed.held_up_at(8500):
                again = service.start("push", table, path, home=tmp_path)
                wait_until(installed.someone_waits)
                # ... and the service once more.
                kill_all_of(server)
        with web_server(installed, service.port):
            output, errors = again.communicate()

        assert killed.returncode == -signal.SIGKILL
        assert again.returncode == 3, errors.decode()
        assert "Trying again in" in errors.decode()
        assert service.stored() == expected
        # Each part was carried out once. A body that a kill has cut off may be there as refused.
        carried_out = "SELECT received FROM batches WHERE refused_code = '' ORDER BY id"
        assert [received for (received,) in installed.query(carried_out)] == [12, 20] + [1000] * 12
        # The verdicts of the batches before the kill are there too.
        assert output.decode().startswith("employees: 12,000 received: ")
        [[rejected]] = installed.query("SELECT sum(rejected) FROM batches")
        assert f" {rejected} rejected," in output.decode()
        written = (tmp_path / "employees.rejected.csv").read_text().splitlines()
        assert len(written) == rejected + 1
        assert list((tmp_path / ".local" / "state" / "hrapi").iterdir()) == []
