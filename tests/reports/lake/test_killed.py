"""Whatever a run was at when it was killed, or its disk was full: the old export is whole, or the new one is."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest

from tests.embedded_postgres.harness import PATIENCE, PROJECT
from tests.faults.installed import service
from tests.installation import Finished, Installation
from tests.reports.lake.reading import Lake

pytestmark = pytest.mark.slow

DEATHS = 4
DATASETS = ["departments", "employees"]


@pytest.fixture
def installed(lake: Lake, settings: Any) -> Iterator[Installation]:
    with service(employees=300) as installed:
        installed.environment["S3_ENDPOINT_URL"] = settings.S3_ENDPOINT_URL
        installed.environment["DJANGO_SETTINGS_MODULE"] = "hrapi.settings"
        yield installed


def export(installed: Installation, lake: Lake, *arguments: str, dies_at: int = 0) -> Finished:
    process = subprocess.run(
        [
            *(sys.executable, "-m", "tests.reports.lake.dying", str(dies_at)),
            *(*DATASETS, "--to", lake.place, *arguments),
        ],
        cwd=PROJECT,
        env=installed.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return Finished(process.returncode, process.stdout, process.stderr)


def change(installed: Installation) -> None:
    with installed.connection() as cursor:
        cursor.execute("DELETE FROM employees WHERE id = (SELECT min(id) FROM employees)")
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " SELECT max(id) + n, 'New', now() - n * interval '400 days', 1, 1"
            " FROM employees, generate_series(1, 3) n GROUP BY n"
        )


def ids(installed: Installation) -> set[int]:
    return {id_ for (id_,) in installed.query("SELECT id FROM employees")}


def published(lake: Lake) -> list[str]:
    paths = lake.root.glob("*/processed_on=*/_manifest.json")
    return sorted(path.parent.relative_to(lake.root).as_posix() for path in paths)


def belonging(lake: Lake) -> set[str]:
    """All files that are to be there when no run was killed last."""
    found = set()
    newest = {}
    for path in published(lake):
        manifest = lake.manifest(path)
        found |= {f"{path}/_manifest.json", *(f"{path}/{f['path']}" for f in manifest["files"])}
        last = newest.get(manifest["dataset"])
        if not last or manifest["snapshot_at"] > last["snapshot_at"]:
            newest[manifest["dataset"]] = manifest
    return found | {f"_state/{name}/{m['id']}.parquet" for name, m in newest.items()}


@pytest.mark.parametrize("arguments", [[], ["--since", "last"]], ids=["full", "incremental"])
def test_killed_at_any_step(installed: Installation, lake: Lake, arguments: list[str]) -> None:
    assert export(installed, lake).code == 0
    change(installed)
    finished = export(installed, lake, *arguments)
    assert finished.code == 0, finished.errors
    all_steps = int(finished.output)
    assert all_steps > DEATHS
    possible = [ids(installed)]

    for death in range(DEATHS):
        change(installed)
        possible.append(ids(installed))
        step = 1 + random.randrange(all_steps * death // DEATHS, all_steps * (death + 1) // DEATHS)
        died = export(installed, lake, *arguments, dies_at=step)
        # How many steps it takes depends on what the one before left behind.
        assert died.code == -9 or int(died.output) < step, died.errors

        assert all(lake.is_whole(path) for path in published(lake))
        assert {row[0] for row in lake.current("employees")} in possible
        if lake.place == str(lake.root) and not arguments:
            naive = polars.read_parquet(f"{lake.root}/employees/**/*.parquet")
            assert set(naive["id"]) in possible
            assert naive["id"].is_unique().all()

    finished = export(installed, lake, *arguments)
    assert finished.code == 0, finished.errors
    assert {row[0] for row in lake.current("employees")} == ids(installed)
    if lake.place != str(lake.root):
        assert lake.files() == belonging(lake)
    else:
        # Of runs that were killed today there may be more, under another name.
        left = {path for path in lake.files() if not path.startswith("_unfinished-")}
        assert left == belonging(lake)


def test_a_disk_that_is_full(installed: Installation, lake: Lake, tmp_path: Path) -> None:
    assert export(installed, lake).code == 0
    before = lake.files()
    with installed.connection() as cursor:
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id) SELECT 1000000 + n * 7919,"
            " 'New', now() - n * interval '61 s', 1 + n % 50, 1 FROM generate_series(1, 50000) n"
        )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    process = installed.start("export_parquet", "employees", "--to", lake.place, preexec_fn=limit)
    output, errors = process.communicate(timeout=PATIENCE)

    assert (process.returncode, output) == (1, b"")
    assert b"part-00000-" in errors
    assert errors.endswith(b".parquet: File too large\n")
    assert len(errors.splitlines()) == 1
    assert lake.files() == before
    assert "failed: [Errno 27] File too large" in lake.logs()[-1]
    assert export(installed, lake).code == 0
