"""Workers as processes: killed, stopped, left without a database; the load ends as if nothing had been."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hrapi import sample_data
from tests.embedded_postgres.harness import PATIENCE, has_ended, wait_until
from tests.ingestion.loading import csv_file
from tests.installation import Finished, Installation, installation

EMPLOYEES = "SELECT id, name, datetime, department_id, job_id FROM employees ORDER BY id"
REJECTED = """SELECT "table", index, line, row_id, raw, errors::text, codes, status
    FROM rejected_rows ORDER BY index"""
BATCHES = """SELECT received, inserted, unchanged, rejected, not_attempted, finished_at IS NULL
    FROM batches ORDER BY id"""
LOADS = "SELECT state, bytes_read = bytes, error_code FROM loads ORDER BY id"
NOTHING_LEFT = """SELECT (SELECT count(*) FROM load_parts), (SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 1819238756)"""


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with installation() as made:
        made.hold()
        assert made.manage("migrate", "--verbosity", "0") == Finished(0, "", "")
        yield made


@pytest.fixture
def service(installed: Installation, clean: tuple[Any, ...]) -> Iterator[Installation]:
    """The installation with the departments and jobs of the sample data, and nothing else."""
    installed.hold()
    empty(installed)
    yield installed
    installed.end_all()


def empty(service: Installation) -> None:
    with service.connection() as cursor:
        cursor.execute(
            "TRUNCATE employees, departments, jobs, rejected_rows, batches, loads, load_parts,"
            " django_tasks_database_dbtaskresult RESTART IDENTITY"
        )
        for row in sample_data.department_rows():
            cursor.execute(
                "INSERT INTO departments (id, department) VALUES (%s, %s)", list(row.values())
            )
        for row in sample_data.job_rows():
            cursor.execute("INSERT INTO jobs (id, job) VALUES (%s, %s)", list(row.values()))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with rows that are bad by themselves, contradict or repeat earlier ones, across chunks and within."""
    rows: list[dict[str, Any]] = list(sample_data.employee_rows(8_000))
    for row in rows[400::1_000]:
        row["department_id"] = 99
    for number in range(2_300, 8_000, 1_700):
        rows[number] = rows[number - 2_000] | {"name": "Somebody Else"}
        rows[number + 1] = dict(rows[number - 2_000])
        rows[number + 2] = rows[number - 1] | {"name": "Nobody"}
    return csv_file(tmp_path_factory.mktemp("files") / "people.csv", rows).read_bytes()


def order(service: Installation, content: bytes, **options: Any) -> None:
    """A load as POST leaves it; the worker finds it without a task, as after a kill."""
    known = {"mode": "partial", "dry_run": False} | options
    with service.connection(autocommit=False) as cursor:
        cursor.execute(
            'INSERT INTO loads ("table", file_name, bytes, sha256, format, delimiter, encoding, header,'
            " mode, dry_run, state, bytes_read, replayed, error_code, error_detail, created_at) VALUES"
            " ('employees', 'people.csv', %s, %s, 'csv', '', 'utf-8', 'auto', %s, %s, 'waiting', 0, 0,"
            " '', '', now()) RETURNING id",
            [len(content), hashlib.sha256(content).hexdigest(), known["mode"], known["dry_run"]],
        )
        [load] = cursor.fetchone()
        for number, start in enumerate(range(0, len(content), 300_000)):
            part = content[start : start + 300_000]
            cursor.execute(
                "INSERT INTO load_parts (load_id, number, data) VALUES (%s, %s, %s)",
                [load, number, part],
            )
        cursor.connection.commit()


def end_state(service: Installation) -> tuple[Any, ...]:
    return tuple(service.query(sql) for sql in (EMPLOYEES, REJECTED, BATCHES, LOADS, NOTHING_LEFT))


@pytest.fixture(scope="module")
def clean(installed: Installation, people: bytes) -> tuple[Any, ...]:
    """How a load ends that nothing interrupts."""
    installed.hold()
    empty(installed)
    order(installed, people)
    assert installed.manage("run_worker", "--once") == Finished(0, "", "")
    ended = end_state(installed)
    assert ended[2:] == (
        [(8_000, 7_981, 3, 16, 0, False)],
        [("finished", True, "")],
        [(0, 0)],
    )
    return ended


def start_worker(service: Installation, *arguments: str) -> subprocess.Popen[bytes]:
    return service.start("run_worker", *arguments)


def received(service: Installation) -> int:
    [(rows,)] = service.query("SELECT coalesce(max(received), 0) FROM batches")
    return int(rows)


def has_finished(service: Installation) -> bool:
    return service.query("SELECT count(*) FROM loads WHERE finished_at IS NULL") == [(0,)]


def takes_signals(worker: subprocess.Popen[bytes]) -> bool:
    """Whether it has come so far as to handle SIGTERM, as the kernel knows."""
    status = Path(f"/proc/{worker.pid}/status").read_text()
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def stop(worker: subprocess.Popen[bytes]) -> str:
    worker.terminate()
    output, errors = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, output) == (0, b"")
    return errors.decode()


def test_a_worker_that_is_killed_again_and_again_ends_like_one_that_was_not(
    service: Installation, people: bytes, clean: tuple[Any, ...]
) -> None:
    rng = random.Random(4)
    order(service, people)
    seen = []

    for _ in range(4):
        before = received(service)
        worker = start_worker(service)
        if rng.random() < 0.8:
            target = before + rng.randint(1, 3_000)
            wait_until(lambda target=target: received(service) >= min(target, 8_000))  # type: ignore[misc]
        time.sleep(rng.random() / 20)
        worker.kill()
        worker.communicate()
        seen.append(received(service))
    assert service.manage("run_worker", "--once") == Finished(0, "", "")

    assert any(0 < rows < 8_000 for rows in seen)
    assert end_state(service) == clean


def test_a_worker_that_is_killed_in_an_atomic_load_begins_again(
    service: Installation, people: bytes
) -> None:
    good = b"".join(people.splitlines(keepends=True)[:401])
    order(service, good, mode="atomic")
    with service.connection(autocommit=False) as cursor:
        # Somebody else is storing one of its rows: it waits at the end of its only chunk.
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " VALUES (300, 'X', now(), 1, 1)"
        )
        worker = start_worker(service)
        wait_until(lambda: waits(service))
        worker.kill()
        worker.communicate()
    [(state,)] = service.query("SELECT state FROM loads")

    assert service.manage("run_worker", "--once") == Finished(0, "", "")

    assert state == "running"
    assert service.query(BATCHES) == [(400, 400, 0, 0, 0, False)]
    assert service.query(LOADS) == [("finished", True, "")]
    assert service.query("SELECT count(*) FROM employees") == [(400,)]


def waits(service: Installation) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return service.query(waiting) == [(1,)]


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT], ids=["crash", "restart"])
def test_a_database_that_goes_away_and_comes_back_is_waited_for(
    service: Installation, people: bytes, clean: tuple[Any, ...], how: signal.Signals
) -> None:
    order(service, people)
    worker = start_worker(service)
    wait_until(lambda: received(service) >= 3_000)

    server = service.server_pid()
    os.kill(server, how)
    wait_until(lambda: has_ended(server))
    service.hold()
    wait_until(lambda: has_finished(service))
    said = stop(worker)

    assert end_state(service) == clean
    lines = said.splitlines()
    assert len([line for line in lines if "Load 1 was interrupted by the database" in line]) == 1
    assert not any(name in said for name in ("Somebody", "Nobody", "Zhang"))


def test_a_connection_that_is_ended_is_opened_again(
    service: Installation, people: bytes, clean: tuple[Any, ...]
) -> None:
    order(service, people)
    worker = start_worker(service)

    for rows in (1_000, 4_000):
        wait_until(lambda rows=rows: received(service) >= rows)  # type: ignore[misc]
        service.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
    wait_until(lambda: has_finished(service))
    stop(worker)

    assert end_state(service) == clean


def test_a_worker_that_is_asked_to_stop_ends_after_its_transaction(
    service: Installation, people: bytes, clean: tuple[Any, ...]
) -> None:
    order(service, people)
    worker = start_worker(service)
    wait_until(lambda: received(service) >= 2_000)

    assert stop(worker) == ""

    stopped_at = received(service)
    assert 2_000 <= stopped_at < 8_000
    assert service.query("SELECT state, finished_at IS NULL FROM loads") == [("running", True)]
    assert service.query(
        "SELECT status, return_value #>> '{}', traceback FROM django_tasks_database_dbtaskresult"
    ) == [("SUCCESSFUL", "stopped", "")]
    assert service.manage("run_worker", "--once") == Finished(0, "", "")
    assert end_state(service) == clean


@pytest.mark.parametrize("options", [{"mode": "atomic"}, {"dry_run": True}], ids=str)
def test_the_progress_of_one_transaction_can_be_seen_by_others(
    service: Installation, people: bytes, options: dict[str, Any]
) -> None:
    order(service, people, **options)
    worker = start_worker(service)

    def has_begun() -> bool:
        [(read, state)] = service.query("SELECT bytes_read, state FROM loads")
        return read > 0 and state == "running"

    wait_until(has_begun)
    seen = service.query("SELECT count(*) FROM employees"), service.query(BATCHES)
    stop(worker)

    assert seen == ([(0,)], [])
    assert service.query("SELECT count(*) FROM load_parts") != [(0,)]
    assert service.manage("run_worker", "--once") == Finished(0, "", "")
    assert service.query(LOADS) == [("finished", True, "")]
    assert service.query("SELECT count(*) FROM employees") == [(0,)]
    assert service.query(NOTHING_LEFT) == [(0, 0)]


def test_two_workers_share_the_loads_and_never_one_load(
    service: Installation, people: bytes, clean: tuple[Any, ...]
) -> None:
    order(service, people)
    workers = [start_worker(service), start_worker(service)]

    # One may have loaded all before the other takes signals.
    wait_until(lambda: all(map(takes_signals, workers)))
    wait_until(lambda: has_finished(service))
    for worker in workers:
        assert stop(worker) == ""

    assert end_state(service) == clean


@pytest.mark.parametrize("is_at_work", [True, False], ids=["at work", "starting"])
def test_a_worker_ends_with_its_parent(
    service: Installation, tmp_path: Path, is_at_work: bool
) -> None:
    told = tmp_path / "pid"
    script = (
        "import os, subprocess, sys, time; p = subprocess.Popen([sys.executable, 'manage.py', 'run_worker',"
        " '--with-parent', str(os.getpid())]); open(sys.argv[1], 'w').write(str(p.pid)); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(told)],
        env=service.environment,
    )
    wait_until(lambda: told.exists() and told.read_text() != "")
    worker = int(told.read_text())
    if is_at_work:
        wait_until(
            lambda: (
                service.query("SELECT count(*) > 1 FROM pg_stat_activity WHERE datname = 'hrapi'")
                == [(True,)]
            )
        )

    parent.kill()
    parent.wait()

    wait_until(lambda: has_ended(worker))
