from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backups.conftest import bucket, credentials
from tests.backups.running import store_rows
from tests.reports.lake.reading import Lake

__all__ = ["bucket", "credentials"]


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: an export reads on a connection of its own."""


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: Any) -> Path:
    """Where the logs of runs are kept."""
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data"


@pytest.fixture
def stored(db: None, settings: Any, tmp_path: Path) -> None:
    """Rows in every table."""
    settings.BACKUP_PLACE = str(tmp_path / "backups")
    store_rows()


@pytest.fixture
def directory(tmp_path: Path) -> Lake:
    """A lake in a directory."""
    return Lake(str(tmp_path / "lake"), tmp_path / "lake")


@pytest.fixture(params=["directory", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lake]:
    """A lake in a directory, and one in S3, whose objects lie in a directory of its server."""
    if request.param == "directory":
        yield Lake(str(tmp_path / "lake"), tmp_path / "lake")
    else:
        root = request.getfixturevalue("bucket") / "hr-lake"
        yield Lake("s3://hr/hr-lake", root)
