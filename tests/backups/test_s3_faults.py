"""What a server does that fails, loses answers or is in the way: F15."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import endpoint

from hrapi.backups.manifest import MANIFEST
from hrapi.backups.models import BackupRun
from hrapi.places import bucket
from tests.backups.conftest import S3_KEY, S3_SECRET
from tests.backups.fake_s3 import LIST, FakeS3, serve
from tests.backups.running import backup, everything, run

pytestmark = pytest.mark.usefixtures("stored")

FAULTS = ["403", "404", "500", "503", "hang", "cut"]


@pytest.fixture
def fake(
    settings: Any, credentials: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FakeS3]:
    monkeypatch.setattr(bucket, "READ_SECONDS", 0.3)
    # Of what it waits before it tries again, nothing.
    monkeypatch.setattr(endpoint, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings.BACKUP_PLACE = "s3://hr/x"
    fake = FakeS3()
    with serve(fake) as address:
        settings.S3_ENDPOINT_URL = address
        yield fake
    assert not list(tmp_path.glob("hrapi-backup-*"))


def listed(fake: FakeS3) -> list[str]:
    fake.fault = lambda method, key: ""
    return [line.split()[0] for line in run("list_backups").output.splitlines()]


def refused(*command: str | Path) -> str:
    """The one line of a command that fails, and its record, without credentials."""
    finished = run(*map(str, command))
    assert (finished.code, finished.output) == (1, "")
    assert len(finished.errors.splitlines()) == 1
    assert finished.errors.startswith("CommandError: s3://hr/x: ")
    said = finished.errors + BackupRun.objects.latest("id").detail
    assert S3_KEY not in said
    assert S3_SECRET not in said
    return finished.errors


@pytest.mark.parametrize("file", ["jobs.avro", MANIFEST])
@pytest.mark.parametrize("what", FAULTS)
def test_an_upload_that_fails_leaves_nothing(fake: FakeS3, what: str, file: str) -> None:
    fake.fault = lambda method, key: what if method == "PUT" and key.endswith(f"/{file}") else ""

    refused("backup")

    assert fake.asked("PUT")[-1].endswith(f"/{file}")
    assert fake.objects == {}


@pytest.mark.parametrize("what", ["403", "cut"])
def test_without_a_listing_nothing_is_uploaded_and_nothing_removed(fake: FakeS3, what: str) -> None:
    backup()
    before = dict(fake.objects)
    fake.fault = lambda method, key: what if method == LIST else ""

    for command in (["backup"], ["list_backups"], ["prune_backups", "--keep-last", "3", "--yes"]):
        refused(*command)

    assert fake.objects == before


@pytest.mark.parametrize("what", ["404", "hang", "cut"])
def test_what_cannot_be_read_is_not_restored(fake: FakeS3, what: str) -> None:
    name = backup()
    before = everything()
    fake.fault = lambda method, key: (
        what if method == "GET" and key.endswith("employees.avro") else ""
    )

    refused("restore", "--from", name, "--no-input")
    refused("verify_backup", name)

    assert everything() == before


@pytest.mark.parametrize("file", ["departments.avro", "rejected_rows.avro", MANIFEST])
def test_an_answer_that_is_lost_is_no_failure(fake: FakeS3, file: str) -> None:
    """The object is there, so the upload that is tried again is refused by If-None-Match."""
    lost = [file]
    fake.fault = lambda method, key: (
        "lost" if method == "PUT" and key.endswith(f"/{file}") and lost and lost.pop() else ""
    )

    name = backup()

    assert lost == []
    assert listed(fake) == [name]
    assert run("verify_backup", name, "--deep").code == 0


@pytest.mark.parametrize("deletes", [0, 1, 2, 5])
def test_what_is_listed_verifies_though_neither_upload_nor_removal_succeed(
    fake: FakeS3, deletes: int
) -> None:
    """The manifest is stored, but no answer says so, and the removal stops somewhere."""

    def fault(method: str, key: str) -> str:
        if (method, key.rpartition("/")[2]) in (("PUT", MANIFEST), ("GET", MANIFEST)):
            return "lost"
        return "503" if method == "DELETE" and len(fake.asked("DELETE")) >= deletes else ""

    fake.fault = fault

    refused("backup")

    names = listed(fake)
    assert len(names) == (0 if deletes else 1)
    assert all(run("verify_backup", name, "--deep").code == 0 for name in names)


@pytest.mark.parametrize("deletes", [0, 1, 4])
def test_a_removal_that_is_cut_short_leaves_nothing_that_is_listed(
    fake: FakeS3, deletes: int
) -> None:
    names = [backup() for _ in range(4)]
    fake.fault = lambda method, key: (
        "503" if method == "DELETE" and len(fake.asked("DELETE")) >= deletes else ""
    )

    refused("prune_backups", "--keep-last", "3", "--yes")

    assert listed(fake) == (names[1:] if deletes else names)
    assert all(run("verify_backup", name).code == 0 for name in listed(fake))


def test_what_was_spoilt_on_the_way_is_not_stored(fake: FakeS3) -> None:
    fake.fault = lambda method, key: (
        "spoilt" if method == "PUT" and key.endswith("jobs.avro") else ""
    )

    assert refused("backup").endswith(": the server answers BadDigest.\n")

    assert fake.objects == {}


def test_what_somebody_else_stored_meanwhile_is_not_overwritten(fake: FakeS3) -> None:
    def fault(method: str, key: str) -> str:
        if method == "PUT" and key.endswith(f"/{MANIFEST}"):
            fake.objects.setdefault(key, b"theirs")
        return "503" if method == "DELETE" else ""

    fake.fault = fault

    assert refused("backup").endswith(": the server answers PreconditionFailed.\n")

    [theirs] = [key for key in fake.objects if key.endswith(f"/{MANIFEST}")]
    assert fake.objects[theirs] == b"theirs"


def test_the_local_copy_of_a_killed_run_is_swept_a_day_later(fake: FakeS3, tmp_path: Path) -> None:
    ours = "hrapi-backup-20261101T000000.000000Z"
    old, young, link = (tmp_path / f"{ours}-00000{number}-abcd_123" for number in (1, 2, 3))
    foreign = tmp_path / "hrapi-backup-abcd_123"
    for path in (old, young, foreign):
        path.mkdir()
        (path / "employees.avro").write_bytes(b"names")
    link.symlink_to(foreign)
    for path in (old, foreign, link):
        os.utime(path, (0, 0), follow_symlinks=False)

    backup()

    assert [path.exists() for path in (old, young, foreign, link)] == [False, True, True, True]
    assert (foreign / "employees.avro").exists()
    for path in (young, foreign):
        (path / "employees.avro").unlink()
        path.rmdir()
    link.unlink()


@pytest.mark.parametrize("endpoint", ["foo", "http://[::1", "http://", "http://a b"])
@pytest.mark.parametrize("command", ["list_backups", "backup"])
def test_an_endpoint_that_is_none_is_one_line(settings: Any, endpoint: str, command: str) -> None:
    settings.BACKUP_PLACE = "s3://hr"
    settings.S3_ENDPOINT_URL = endpoint

    finished = run(command)

    assert (finished.code, finished.output, finished.errors) == (
        1,
        "",
        f"CommandError: S3_ENDPOINT_URL is {endpoint!r}, which is not the URL of a server.\n",
    )
