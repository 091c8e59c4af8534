"""Backups in S3, on a real server. What a server that misbehaves does to them: test_s3_faults.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hrapi.backups import s3_place
from hrapi.backups.places import place_of
from hrapi.backups.stored import stored_tables
from tests.backups.running import backup, delete_everything, everything, run
from tests.installation import free_port

pytestmark = pytest.mark.usefixtures("stored")


def client() -> Any:
    """The server's, for what the service itself would not do."""
    place: Any = place_of("s3://hr/prod")
    return place.bucket.client


def test_there_and_back(bucket: Path) -> None:
    before = everything()

    name = backup()

    assert len(list((bucket / "prod" / name).iterdir())) == len(stored_tables()) + 2
    assert run("list_backups").output.startswith(f"{name}  manual")
    assert run("verify_backup", "latest", "--deep").output.startswith(f"{name} is whole")
    delete_everything()
    finished = run("restore", "--from", f"s3://hr/prod/{name}")
    assert (finished.code, finished.errors) == (0, "")
    assert everything() == before


def test_what_is_damaged_there_is_refused(bucket: Path) -> None:
    name = backup()
    whole = (bucket / "prod" / name / "employees.avro").read_bytes()
    key = f"prod/{name}/employees.avro"
    client().put_object(Bucket="hr", Key=key, Body=whole[:-1] + b"x")

    assert run("verify_backup", name).code == 3
    assert run("restore", "--from", name, "--no-input").code == 3
    client().delete_object(Bucket="hr", Key=key)
    assert "employees.avro is missing" in run("verify_backup", name).errors
    client().put_object(Bucket="hr", Key=key, Body=whole)
    assert run("verify_backup", name).code == 0
    client().put_object(Bucket="hr", Key=f"prod/{name}/foreign.avro", Body=b"x")
    assert run("verify_backup", name).code == 3


def test_without_its_manifest_nothing_is_listed(bucket: Path) -> None:
    name = backup()
    client().delete_object(Bucket="hr", Key=f"prod/{name}/manifest.json")

    assert run("list_backups").output == ""
    assert run("restore", "--from", "latest").code == 1
    assert run("verify_backup", name).code == 3


def test_old_ones_are_pruned_and_pinned_ones_stay(bucket: Path) -> None:
    names = [backup() for _ in range(5)]
    assert run("pin_backup", names[0]).code == 0

    finished = run("prune_backups", "--keep-last", "3", "--yes")

    assert f"removed     {names[1]}\n" in finished.output
    left = [line.split()[0] for line in run("list_backups").output.splitlines()]
    assert left == [names[0], *names[2:]]
    assert not list((bucket / "prod").glob(f"{names[1]}/*"))
    assert run("pin_backup", names[0], "--remove").code == 0
    assert run("pin_backup", names[1]).code == 1


def test_a_bucket_that_is_not_there(bucket: Path) -> None:
    finished = run("backup", "--to", "s3://nowhere/x")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == "CommandError: s3://nowhere/x: the server answers NoSuchBucket.\n"


def test_wrong_credentials(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")

    finished = run("backup")

    assert (finished.code, finished.output) == (1, "")
    assert len(finished.errors.splitlines()) == 1
    assert not set(bucket.iterdir())


def test_no_credentials(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/nonexistent")

    finished = run("backup")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == (
        "CommandError: s3://hr/prod: there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
        " or what else boto3 reads.\n"
    )


def test_nobody_answers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"

    finished = run("backup", "--to", "s3://hr/prod")

    assert (finished.code, finished.output) == (1, "")
    assert (
        f"nobody answers at {settings.S3_ENDPOINT_URL}: look at S3_ENDPOINT_URL" in finished.errors
    )


def test_a_name_that_is_taken_is_not_overwritten(bucket: Path) -> None:
    name = "20260101T000000.000000Z-abcdef"
    (bucket / "prod" / name).mkdir(parents=True)
    (bucket / "prod" / name / "manifest.json").write_text("theirs")
    place = place_of("s3://hr/prod")

    with pytest.raises(s3_place.BackupError), place.new(name) as directory:
        (directory / "manifest.json").write_text("mine")

    assert (bucket / "prod" / name / "manifest.json").read_text() == "theirs"
