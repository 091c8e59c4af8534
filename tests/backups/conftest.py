from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.backups.running import store_rows


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
