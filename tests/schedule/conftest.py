from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hrapi.schedule.crontab import NEEDED_FOR_S3, NEEDED_VARIABLES

FAKE = """#!/bin/sh
# Like Debian's crontab, but for a file and for the faults that a test asks for.
cd "$(dirname "$0")"
[ -e "fault$1" ] && { echo "no space left on device" >&2; exit 1; }
case "$1" in
-l) [ -e lines ] || { echo "no crontab for somebody" >&2; exit 1; }; cat lines ;;
-) cat > lines ;;
*) echo "usage" >&2; exit 2 ;;
esac
"""


class FakeCrontab:
    """The crontab of a user, in a directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.program = home / "crontab"
        self.program.write_text(FAKE)
        self.program.chmod(0o755)

    @property
    def text(self) -> bytes:
        return (self.home / "lines").read_bytes()

    @text.setter
    def text(self, text: bytes) -> None:
        (self.home / "lines").write_bytes(text)

    @property
    def lines(self) -> list[str]:
        return self.text.decode().splitlines()

    def fail(self, argument: str) -> None:
        (self.home / f"fault{argument}").touch()


@pytest.fixture
def crontab(tmp_path: Path, settings: Any) -> FakeCrontab:
    (tmp_path / "cron").mkdir()
    fake = FakeCrontab(tmp_path / "cron")
    settings.CRONTAB_EXECUTABLE = str(fake.program)
    return fake


@pytest.fixture(autouse=True)
def environment_of_cron(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    """A project whose .env is empty, and a shell that knows no more than cron does."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".env").touch()
    settings.BASE_DIR = tmp_path / "project"
    # manage.py has set it.
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "hrapi.settings")
    for name in NEEDED_VARIABLES + NEEDED_FOR_S3:
        monkeypatch.delenv(name, raising=False)
