from __future__ import annotations

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
