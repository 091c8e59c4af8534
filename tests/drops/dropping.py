"""A drop folder, and the command that takes what lies there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from hrapi.loads.models import Load
from tests.backups.running import run
from tests.installation import Finished

DEPARTMENTS = b"id,department\n1,Sales\n2,Law\n"
JOBS = b"id,job\n1,Cook\n"
EMPLOYEES = (
    b"1,Ann,2021-01-01T00:00:00Z,1,1\n2,Ben,2021-01-02T00:00:00Z,2,1\n3,,2021-01-03T00:00:00Z,1,1\n"
)


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def drop(self, name: str, content: bytes) -> Path:
        """A file as a sender leaves it there; gzipped when its name says so."""
        file = self.path / name
        file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return file

    def take(self, *arguments: str) -> Finished:
        """Runs the command on what lies there, however young it is."""
        return run("take_drops", self.path, "--settle", "0", *arguments)

    def lying(self) -> list[str]:
        return self.names(".")

    def names(self, place: str) -> list[str]:
        """What lies in `done` or `failed`, results aside; `.` for the folder itself."""
        found = self.path / place
        names = [each.name for each in found.iterdir()] if found.exists() else []
        return sorted(
            name
            for name in names
            if name not in ("done", "failed") and not name.endswith(".result.json")
        )

    def result(self, name: str, place: str = "done") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / place / f"{name}.result.json").read_bytes())
        return found


def loads() -> list[tuple[Any, ...]]:
    """Table, day, name and state of each load."""
    columns = ("table", "date", "file_name", "state")
    return [
        (table, day and day.isoformat(), *rest)
        for table, day, *rest in Load.objects.order_by("id").values_list(*columns)
    ]
