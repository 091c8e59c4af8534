"""A backup that is not what was written is refused, whatever was done to it, and nothing is restored from it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pytest

from hrapi.backups.models import BackupRun
from tests.backups.mutating import rewrite_manifest
from tests.backups.running import backup, everything, run

pytestmark = pytest.mark.usefixtures("stored")


def verify(path: Path) -> str:
    """The one line that refuses the backup."""
    finished = run("verify_backup", path)
    assert finished.code == 3, finished
    assert finished.output == ""
    assert len(finished.errors.splitlines()) == 1
    return finished.errors.removeprefix("CommandError: ").strip()


def entry(manifest: dict[str, Any], table: str) -> dict[str, Any]:
    [found] = [entry for entry in manifest["tables"] if entry["table"] == table]
    return found  # type: ignore[no-any-return]


def adopt(path: Path, table: str, **more: Any) -> None:
    """Makes the manifest say of a changed file what is easily said."""
    data = (path / f"{table}.avro").read_bytes()

    def change(manifest: dict[str, Any]) -> None:
        facts = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        entry(manifest, table).update(facts | more)

    rewrite_manifest(path, change)


@pytest.fixture
def made(place: Path) -> Path:
    return place / backup()


def test_a_backup_that_is_whole_verifies(made: Path) -> None:
    for arguments in ([], ["--deep"]):
        finished = run("verify_backup", made.name, *arguments)
        assert (finished.code, finished.errors) == (0, "")
        assert finished.output.startswith(f"{made.name} is whole: ")


def test_nothing_is_restored_from_a_damaged_backup(made: Path) -> None:
    data = bytearray((made / "employees.avro").read_bytes())
    data[len(data) // 2] ^= 1
    (made / "employees.avro").write_bytes(data)
    before = everything()

    for arguments in (["--no-input"], ["--dry-run"], []):
        finished = run("restore", "--from", made.name, *arguments, answer="y\n")
        assert (finished.code, finished.output) == (3, "")
        assert "employees.avro has been changed or damaged" in finished.errors

    assert everything() == before
    runs = BackupRun.objects.filter(kind="restore").values_list("backup", "outcome")
    assert list(runs) == [(made.name, "failed")] * 3


def test_a_dropped_block_is_found_though_the_manifest_knows_the_file(made: Path) -> None:
    with (made / "employees.avro").open("rb") as file:
        header = next(iter(fastavro.block_reader(file))).offset
    data = (made / "employees.avro").read_bytes()
    (made / "employees.avro").write_bytes(data[:header])
    adopt(made, "employees")

    assert verify(made) == "employees.avro has 0 rows instead of 506."


def test_other_rows_of_the_same_number_are_found(made: Path, place: Path) -> None:
    from employees.models import Employee

    Employee.objects.filter(id=1).update(name="Another")
    other = place / backup()
    shutil.copy(other / "employees.avro", made / "employees.avro")
    adopt(made, "employees")

    assert verify(made) == "The rows of employees.avro are not those of the manifest."


@pytest.mark.parametrize(
    "change, line",
    [
        (lambda m: m.update(format=2), "manifest.json is not understood: format: "),
        (lambda m: m.update(id="../../etc"), "manifest.json is not understood: id: "),
        (
            lambda m: entry(m, "jobs").update(file="../jobs.avro"),
            "manifest.json is not understood: tables.1: ",
        ),
        (lambda m: m.pop("codec"), "manifest.json is not understood: codec: "),
        (lambda m: m.update(codec="bzip2"), "'bzip2' is not a codec."),
        (lambda m: m.update(codec="null"), "departments.avro is not compressed as"),
        (lambda m: m["tables"].append(m["tables"][0]), "manifest.json is not understood: it: "),
        (lambda m: m["tables"].pop(), "'dashboards.avro' does not belong to the backup."),
        (lambda m: m.update(extra=1), "manifest.json is not understood: extra: "),
        (
            lambda m: entry(m, "jobs").update(schema_version=99),
            "jobs.avro was written by a newer version of the service than this one.",
        ),
        (
            lambda m: entry(m, "jobs").update(schema_sha256="0" * 64),
            "jobs.avro has another schema than the manifest says.",
        ),
        (lambda m: entry(m, "jobs").update(rows=1), "jobs.avro has 2 rows instead of 1."),
        (
            lambda m: entry(m, "jobs").update(rows="2"),
            "manifest.json is not understood: tables.1.rows: ",
        ),
    ],
)
def test_a_manifest_that_was_edited_with_its_hash_is_refused(
    made: Path, change: Callable[[dict[str, Any]], Any], line: str
) -> None:
    rewrite_manifest(made, change)

    assert verify(made).startswith(line)


def test_links_are_not_followed(made: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for name in ("jobs.avro", "manifest.json"):
        shutil.copytree(made, elsewhere / made.name)
        (elsewhere / made.name / name).unlink()
        (elsewhere / made.name / name).symlink_to(made / name)
        assert verify_or_missing(elsewhere / made.name) in (1, 3)
        shutil.rmtree(elsewhere)
    elsewhere.mkdir()
    (elsewhere / made.name).symlink_to(made)
    assert run("verify_backup", elsewhere / made.name).code == 1
    assert run("list_backups", "--place", elsewhere).output == ""


def verify_or_missing(path: Path) -> int:
    finished = run("verify_backup", path)
    assert len(finished.errors.splitlines()) == 1
    return int(finished.code)


def test_a_pipe_in_the_place_of_a_file_does_not_hold_anybody_up(made: Path) -> None:
    (made / "jobs.avro").unlink()
    os.mkfifo(made / "jobs.avro")

    assert verify(made)


@pytest.mark.parametrize("name", ["../x", "x/../../etc/passwd", "", "20261121", "latest/.."])
def test_what_is_no_name_is_no_backup(place: Path, name: str) -> None:
    finished = run("verify_backup", name)

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors.startswith("CommandError: ")
