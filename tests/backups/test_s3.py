"""Backups in S3: a real server, and one that misbehaves."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hrapi.backups import s3_place
from hrapi.backups.models import BackupRun
from hrapi.backups.places import place_of
from hrapi.backups.stored import stored_tables
from tests.backups.running import backup, delete_everything, everything, run

pytestmark = pytest.mark.usefixtures("stored")

KEY, SECRET = "canarykeyid", "canary-secret-of-s3"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def bucket(tmp_path: Path, settings: Any, credentials: None) -> Iterator[Path]:
    """The directory in which the server keeps the objects of the bucket `hr`."""
    directory = tmp_path / "s3" / "hr"
    directory.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent)) or "rclone"
    server = subprocess.Popen(
        [
            rclone,
            "serve",
            "s3",
            directory.parent,
            "--addr",
            address,
            "--auth-key",
            f"{KEY},{SECRET}",
            "--config",
            "/dev/null",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(address)
        settings.S3_ENDPOINT_URL = f"http://{address}"
        settings.BACKUP_PLACE = "s3://hr/prod"
        yield directory
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(200):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The S3 server does not answer.")


def client() -> Any:
    """The server's, for what the service itself would not do."""
    place: Any = place_of("s3://hr/prod")
    return place._client


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
    assert finished.errors == "CommandError: s3://hr/prod: NoCredentialsError.\n"


def test_a_name_that_is_taken_is_not_overwritten(bucket: Path) -> None:
    name = "20260101T000000.000000Z-abcdef"
    (bucket / "prod" / name).mkdir(parents=True)
    (bucket / "prod" / name / "manifest.json").write_text("theirs")
    place = place_of("s3://hr/prod")

    with pytest.raises(s3_place.BackupError), place.new(name) as directory:
        (directory / "manifest.json").write_text("mine")

    assert (bucket / "prod" / name / "manifest.json").read_text() == "theirs"


class Misbehaving(BaseHTTPRequestHandler):
    """Answers listings as those of an empty bucket and does something else to uploads."""

    protocol_version = "HTTP/1.1"
    what: ClassVar[str] = ""
    uploads: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        body = (
            b'<?xml version="1.0"?><ListBucketResult><Name>hr</Name><KeyCount>0</KeyCount>'
            b"<IsTruncated>false</IsTruncated></ListBucketResult>"
        )
        self._answer(200, body)

    def do_DELETE(self) -> None:
        self._answer(204, b"")

    def do_PUT(self) -> None:
        self.uploads.append(self.path)
        # The first file lands; what comes then does not.
        if len(self.uploads) == 1:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, b"")
        elif self.what == "hang":
            time.sleep(3)
            self.close_connection = True
        elif self.what == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(int(self.what), b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Not to the tests' output."""


@pytest.mark.parametrize("what", ["403", "404", "500", "503", "hang", "cut"])
def test_a_server_that_fails_in_the_middle_gets_no_manifest(
    what: str, settings: Any, credentials: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(s3_place, "READ_SECONDS", 0.3)
    monkeypatch.setattr(Misbehaving, "what", what)
    monkeypatch.setattr(Misbehaving, "uploads", [])
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{server.server_port}"

        finished = run("backup", "--to", "s3://hr/x")
        server.shutdown()

    assert (finished.code, finished.output) == (1, "")
    assert len(finished.errors.splitlines()) == 1
    assert finished.errors.startswith("CommandError: s3://hr/x: ")
    assert len(Misbehaving.uploads) > 1
    assert not [path for path in Misbehaving.uploads if "manifest.json" in path]
    said = finished.errors + BackupRun.objects.latest("id").detail
    assert KEY not in said
    assert SECRET not in said
    assert not list(tmp_path.glob("hrapi-backup-*"))
