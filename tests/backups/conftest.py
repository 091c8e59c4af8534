from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backups.running import store_rows

S3_KEY, S3_SECRET = "canarykeyid", "canary-secret-of-s3"


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Path:
    """Where backups go by default."""
    settings.BACKUP_PLACE = str(tmp_path / "backups")
    return tmp_path / "backups"


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: a backup reads on a connection of its own."""


@pytest.fixture
def stored(db: None, place: Path) -> None:
    """Rows in every table."""
    store_rows()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of S3, where boto3 looks for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", S3_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", S3_SECRET)
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
            f"{S3_KEY},{S3_SECRET}",
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
