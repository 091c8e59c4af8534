"""Runs as processes: killed again and again, several at once, and while files come in the wrong order."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hrapi import sample_data
from tests.benchmarks.measuring import command
from tests.drops.dropping import Folder
from tests.embedded_postgres.harness import PATIENCE
from tests.ingestion.loading import csv_file, jsonl_file
from tests.installation import Finished, Installation, installation

TABLES = {
    "departments": "SELECT id, department FROM departments ORDER BY id",
    "jobs": "SELECT id, job FROM jobs ORDER BY id",
    "employees": "SELECT id, name, datetime, department_id, job_id FROM employees ORDER BY id",
    "open": """SELECT "table", index, line, row_id, raw, errors::text, codes FROM rejected_rows
        WHERE status = 'open' ORDER BY "table", index""",
}
LOADS = """SELECT l.state, l.date::text, b.received, b.received = b.inserted + b.unchanged + b.rejected
    FROM loads l JOIN batches b ON b.id = l.batch_id ORDER BY l."table" """
ROWS = 8_000
KILLS = 8


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with installation() as made:
        made.hold()
        assert made.manage("migrate", "--verbosity", "0") == Finished(0, "", "")
        yield made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of each table one, with employees that are bad by themselves, too."""
    made = tmp_path_factory.mktemp("files")
    rows: list[dict[str, Any]] = list(sample_data.employee_rows(ROWS))
    for number in range(400, ROWS, 1_000):
        rows[number]["department_id"] = 99
        rows[number + 1]["name"] = ""
    csv_file(made / "employees.csv", rows)
    jsonl_file(made / "departments.jsonl", sample_data.department_rows())
    jsonl_file(made / "jobs.jsonl", sample_data.job_rows())
    return made


@pytest.fixture(scope="module")
def clean(installed: Installation, files: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The state after one load of each file in the order of references."""
    installed.hold()
    for name in ("departments.jsonl", "jobs.jsonl", "employees.csv"):
        assert installed.manage("load", name.partition(".")[0], str(files / name)).code in (0, 3)
    state = state_of(installed)
    assert (len(state["employees"]), len(state["open"])) == (ROWS - 16, 16)
    return state


def state_of(service: Installation) -> dict[str, list[tuple[Any, ...]]]:
    return {name: service.query(query) for name, query in TABLES.items()}


@pytest.fixture
def service(
    installed: Installation, clean: dict[str, list[tuple[Any, ...]]]
) -> Iterator[Installation]:
    installed.hold()
    with installed.connection() as cursor:
        cursor.execute(
            "TRUNCATE employees, departments, jobs, rejected_rows, batches, loads, load_parts"
        )
    yield installed
    installed.end_all()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "drops").mkdir()
    return Folder(tmp_path / "drops")


@pytest.fixture(autouse=True)
def db() -> None:
    """No database but the installation's."""


def start(service: Installation, folder: Folder) -> subprocess.Popen[bytes]:
    return service.start("take_drops", str(folder.path), "--settle", "0")


def assert_each_was_taken_once(service: Installation, folder: Folder) -> None:
    assert folder.lying() == folder.names("failed") == []
    assert service.query(LOADS) == [
        ("finished", "2024-01-31", len(service.query(TABLES["departments"])), True),
        ("finished", "2024-01-31", ROWS, True),
        ("finished", "2024-01-31", len(service.query(TABLES["jobs"])), True),
    ]
    done = folder.path / "done"
    assert len(list(done.iterdir())) == 2 * len(folder.names("done")) == 6
    for path in done.glob("*.json"):
        result = json.loads(path.read_bytes())
        assert result["received"] == result["inserted"] + result["rejected"]
    assert service.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


def drop_all(folder: Folder, files: Path) -> None:
    for path in files.iterdir():
        folder.drop(f"20240131_{path.name}.gz", path.read_bytes())


def test_runs_that_are_killed_end_like_one_clean_load(
    service: Installation, folder: Folder, files: Path, clean: dict[str, list[tuple[Any, ...]]]
) -> None:
    drop_all(folder, files)
    killed = 0
    for number in range(KILLS):
        process = start(service, folder)
        wait_for_rows(service, process, at_least=number * ROWS // KILLS)
        time.sleep(random.uniform(0, 0.1))
        process.kill()
        process.communicate(timeout=PATIENCE)
        killed += process.returncode < 0

    finished = service.manage("take_drops", str(folder.path), "--settle", "0")

    assert finished.code in (0, 3), finished.errors
    assert killed > KILLS / 2
    assert_each_was_taken_once(service, folder)
    assert state_of(service) == clean


def wait_for_rows(
    service: Installation, process: subprocess.Popen[bytes], *, at_least: int
) -> None:
    deadline = time.monotonic() + PATIENCE
    received = "SELECT coalesce(sum(received), 0) FROM batches"
    while service.query(received)[0][0] < at_least and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_several_at_once_do_no_harm(
    service: Installation, folder: Folder, files: Path, clean: dict[str, list[tuple[Any, ...]]]
) -> None:
    drop_all(folder, files)
    processes = [start(service, folder) for _ in range(3)]

    ended = [(each.communicate(timeout=PATIENCE), each.returncode) for each in processes]

    assert {code for _, code in ended} <= {0, 3}
    assert sum(b"to done/" in output for (output, _), _ in ended) == 1
    assert_each_was_taken_once(service, folder)
    assert state_of(service) == clean


def test_files_that_come_in_the_wrong_order_end_like_one_clean_load(
    service: Installation, folder: Folder, files: Path, clean: dict[str, list[tuple[Any, ...]]]
) -> None:
    """With a run after each of them, as of cron each minute."""
    for name in ("employees.csv", "jobs.jsonl", "departments.jsonl"):
        shutil.copy(files / name, folder.path / f"20240131_{name}")
        finished = service.manage("take_drops", str(folder.path), "--settle", "0")
        assert finished.code in (0, 3), finished.errors

    results = [json.loads(path.read_bytes()) for path in (folder.path / "done").glob("*.json")]
    assert sum(result.get("replayed", 0) for result in results) == ROWS - 16
    assert state_of(service) == clean


def test_a_large_gzip_takes_no_more_memory(service: Installation, folder: Folder) -> None:
    rows = b"".join(b"%d,%d %s\n" % (n, n * 7919, b"x" * (n % 40)) for n in range(1, 200_001))
    (folder.path / "20240131_jobs.csv.gz").write_bytes(gzip.compress(rows, 1))

    run = command(
        *("take_drops", str(folder.path), "--settle", "0"), environment=service.environment
    )

    assert run.peak < 150
    assert service.query("SELECT count(*) FROM jobs") == [(200_000,)]
