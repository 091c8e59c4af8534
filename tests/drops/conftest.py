from __future__ import annotations

from pathlib import Path

import pytest

# At once: not while a test has put something in the place of what it imports by name.
import hrapi.drops.planning  # noqa: F401
from tests.drops.dropping import Folder


@pytest.fixture(autouse=True)
def db(committed_db: None) -> None:
    """In place of pytest-django's: loads write over connections of their own."""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "drops").mkdir()
    return Folder(tmp_path / "drops")
