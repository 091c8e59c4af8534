"""How old the newest verified backup is: what monitoring is told."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hrapi.backups.models import BackupRun
from tests.backups.mutating import rewrite_manifest
from tests.backups.running import backup, run

pytestmark = pytest.mark.usefixtures("db", "place")

MADE = "hrapi_backup_made_timestamp_seconds"


def metrics(client_of: Any) -> dict[str, float]:
    text = client_of("administrators").get("/metrics").content.decode()
    return {
        name: float(value) for name, value in re.findall(r"^(hrapi_backup\w+) (\S+)$", text, re.M)
    }


@pytest.fixture
def verified() -> str:
    name = backup()
    assert run("verify_backup", "latest").code == 0
    return name


def test_a_verified_backup_is_what_counts(client_of: Any) -> None:
    assert run("backup_status").code == 1
    name = backup()
    finished = run("backup_status")
    assert (finished.code, finished.output) == (1, "")
    assert "verify_backup latest" in finished.errors
    assert metrics(client_of) == {}

    run("verify_backup", name)

    finished = run("backup_status")
    assert (finished.code, finished.errors) == (0, "")
    assert finished.output == f"{name} is 0.0 hours old and was verified 0.0 hours ago.\n"


def test_the_metrics_say_the_same(client_of: Any, verified: str) -> None:
    made = datetime.strptime(verified[:22], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)

    found = metrics(client_of)

    assert found[MADE] == pytest.approx(made.timestamp())
    assert found["hrapi_backup_verified_timestamp_seconds"] > found[MADE]


@pytest.mark.parametrize("hours, code", [("30", 1), ("31", 0), ("1e9", 0), ("0", 1), ("nan", 1)])
def test_the_age_is_that_of_the_backup(verified: str, hours: str, code: int, place: Path) -> None:
    moment = datetime.now(UTC) - timedelta(hours=30.5)
    old = f"{moment:%Y%m%dT%H%M%S.%fZ}-abcdef"
    (place / verified).rename(place / old)
    BackupRun.objects.filter(kind="verify").update(backup=old)

    finished = run("backup_status", "--max-age", hours)

    assert finished.code == code
    assert "30.5 hours old" in finished.output + finished.errors


def test_a_newer_backup_does_not_count_before_it_is_verified(verified: str) -> None:
    backup()

    assert verified in run("backup_status").output


def test_a_damaged_one_counts_from_the_moment_it_is_found(
    client_of: Any, verified: str, place: Path
) -> None:
    newer = backup()
    (place / newer / "jobs.avro").write_bytes(b"")
    assert run("verify_backup", "latest").code == 3

    finished = run("backup_status")

    assert finished.code == 1
    assert newer in finished.errors
    assert "jobs.avro" in finished.errors
    assert metrics(client_of) == {}


def test_one_that_has_gone_does_not_count(verified: str, place: Path) -> None:
    shutil.rmtree(place / verified)

    finished = run("backup_status")

    assert finished.code == 1
    assert "has gone" in finished.errors


def test_an_older_one_that_is_verified_does_not_hide_the_newest(verified: str, place: Path) -> None:
    newest = backup()
    (place / newest / "jobs.avro").write_bytes(b"")
    run("verify_backup", "latest")

    assert run("verify_backup", verified).code == 0

    assert run("backup_status").code == 1


def test_a_backup_of_some_tables_is_not_one_to_rely_on() -> None:
    name = backup("jobs")
    assert run("verify_backup", "latest").code == 1
    assert run("verify_backup", name).code == 0

    assert run("backup_status").code == 1


def test_a_backup_of_some_tables_does_not_hide_that_the_newest_of_all_is_damaged(
    verified: str, place: Path
) -> None:
    backup("jobs")
    (place / verified / "jobs.avro").write_bytes(b"")

    assert run("verify_backup", "latest").code == 3

    assert verified in run("backup_status").errors


def test_a_backup_from_the_future_does_not_count(
    client_of: Any, verified: str, place: Path
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=6)
    name = f"{moment:%Y%m%dT%H%M%S.%fZ}-abcdef"
    (place / verified).rename(place / name)
    rewrite_manifest(place / name, lambda manifest: manifest.update(id=name))
    assert run("verify_backup", "latest").code == 0

    finished = run("backup_status")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == (
        f"CommandError: {name} is dated in the future: set the clock right and remove it.\n"
    )
    assert metrics(client_of) == {}


def test_a_place_that_has_gone_is_recorded_and_counts(
    client_of: Any, verified: str, place: Path
) -> None:
    shutil.rmtree(place)

    finished = run("verify_backup", "latest", "--trigger", "cron")

    assert finished.code == 1
    assert finished.errors == f"CommandError: There is no backup of all tables in {place}.\n"
    recorded = BackupRun.objects.latest("id")
    assert (recorded.kind, recorded.trigger, recorded.backup, recorded.outcome) == (
        "verify",
        "cron",
        "latest",
        "failed",
    )
    assert run("backup_status").code == 1
    assert metrics(client_of) == {}


def test_backups_elsewhere_do_not_count(tmp_path: Path) -> None:
    name = backup("--to", tmp_path / "elsewhere")
    run("verify_backup", tmp_path / "elsewhere" / name)

    assert run("backup_status").code == 1


def test_what_was_made_before_a_restore_is_not_the_newest(verified: str) -> None:
    from tests.factories import JobFactory

    JobFactory()
    assert run("restore", "--from", verified, "--no-input").code == 0
    run("verify_backup", "latest")

    assert verified in run("backup_status").output


@pytest.mark.parametrize("option", [["--max-age", "x"], ["--max-age"]])
def test_wrong_usage(option: list[str]) -> None:
    assert run("backup_status", *option).code in (1, 2)
