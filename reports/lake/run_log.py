"""The log of a run: a line for each thing that it did, in the data directory. It holds no names of people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from hrapi.places.directory import create_file, make_directory

DIRECTORY = "exports"


class RunLog:
    """Begins with the command, ends in `done.` or `failed: …`; a run that was killed has no such end."""

    def __init__(self, run: str) -> None:
        directory = settings.DATA_DIR / DIRECTORY
        make_directory(directory)
        self.path: Path = directory / f"{run}.log"
        with create_file(self.path):
            pass

    def say(self, what: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {what}\n")
