"""Backups of every version that ever was are restored, for ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hrapi.backups.past_schemas import PAST_SCHEMAS
from hrapi.backups.stored import stored_tables
from tests.backups.make_golden import GOLDEN
from tests.backups.running import everything, run

VERSIONS = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


def golden(version: str) -> Path:
    [found] = [path for path in (GOLDEN / version).iterdir() if path.is_dir()]
    return found


def test_there_is_one_of_today() -> None:
    manifest = json.loads((golden(VERSIONS[-1]) / "manifest.json").read_text())

    assert {entry["table"]: entry["schema_version"] for entry in manifest["tables"]} == {
        table.name: table.version for table in stored_tables()
    }


def test_the_schemas_of_all_versions_are_remembered() -> None:
    remembered = {}
    for version in VERSIONS:
        for entry in json.loads((golden(version) / "manifest.json").read_text())["tables"]:
            remembered[entry["table"], entry["schema_version"]] = entry["schema_sha256"]

    assert remembered == PAST_SCHEMAS


@pytest.mark.usefixtures("db", "place")
@pytest.mark.parametrize("version", VERSIONS)
def test_it_verifies_and_is_restored(version: str) -> None:
    path = golden(version)
    rows = json.loads((GOLDEN / version / "rows.json").read_text())

    assert run("verify_backup", path, "--deep").code == 0
    # It is one of all tables, though some came later.
    assert run("restore", "--from", path.parent / "latest").code == 0

    restored = json.loads(json.dumps(everything()))
    for table, expected in rows.items():
        assert [
            row[: len(old)] for row, old in zip(restored[table], expected, strict=True)
        ] == expected
