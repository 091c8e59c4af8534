"""Lakes as other people's programs read them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hrapi.backups.snapshot import Moment, one_snapshot
from reports.datasets.definition import Dataset
from reports.datasets.reading import fetch, select
from reports.lake import services
from reports.lake.places import lake_of
from reports.lake.services import columns_of
from tests.backups.running import run
from tests.installation import Finished
from tests.readme import ROOT

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Lake:
    """What `--to` names, and the directory in which its files can be looked at."""

    place: str
    root: Path

    def export(self, *arguments: str) -> Finished:
        return run("export_parquet", *arguments, "--to", self.place)

    def exported(self, *arguments: str) -> list[str]:
        """The directories that were published."""
        finished = self.export(*arguments)
        assert finished.code == 0, finished.errors
        return [line.split()[0] for line in finished.output.splitlines()]

    def files(self) -> set[str]:
        """All there is but logs."""
        paths = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return {path.as_posix() for path in paths if path.parts[0] != "_logs"}

    def logs(self) -> list[str]:
        return [path.read_text() for path in sorted((self.root / "_logs").glob("*.log"))]

    def manifest(self, directory: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / directory / "_manifest.json").read_text())
        return found

    def remove(self, path: Path) -> None:
        """As somebody would do it there: the server of S3 remembers what files it has."""
        if self.place.startswith("s3://"):
            lake: Any = lake_of(self.place)
            lake.bucket.delete(path.relative_to(self.root).as_posix())
        else:
            path.unlink()

    def put(self, path: Path, data: bytes) -> None:
        if self.place.startswith("s3://"):
            lake: Any = lake_of(self.place)
            lake.bucket.replace(data, path.relative_to(self.root).as_posix())
        else:
            path.write_bytes(data)

    def is_whole(self, directory: str) -> bool:
        """Whether all that the manifest lists is there as it says."""
        for file in self.manifest(directory)["files"]:
            path = self.root / directory / file["path"]
            data = path.read_bytes() if path.exists() else b""
            if (len(data), hashlib.sha256(data).hexdigest()) != (file["bytes"], file["sha256"]):
                return False
        return True

    def current(self, dataset: str) -> Rows:
        """The newest full export with all increments since, as the documents say to read it."""
        return self._documented("QUALIFY", "employees", dataset)

    def newest(self, dataset: str) -> Rows:
        """The newest full export, by its manifest, as the documents say to read it."""
        return self._documented("hires/*", "hires", dataset)

    def _documented(self, part: str, example: str, dataset: str) -> Rows:
        text = (ROOT / "docs/lake.md").read_text()
        [block] = [
            block for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL) if part in block
        ]
        block = block.replace("/srv/lake", str(self.root)).replace(example, dataset)
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            *before, last = [statement for statement in block.split(";") if statement.strip()]
            for statement in before:
                database.execute(statement)
            return sorted(database.execute(last).fetchall())


def stored_rows(dataset: Dataset, *, with_names: bool = False) -> Rows:
    """What the service itself gives, in its order."""
    columns = columns_of(dataset, with_names=with_names)
    return [tuple(row) for row in fetch(select(dataset, columns))]


def on_day(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """As if exports were made so many days from now."""

    @contextmanager
    def shifted(connection: Any, tables: list[str]) -> Iterator[Moment]:
        with one_snapshot(connection, tables) as moment:
            yield replace(moment, at=moment.at + timedelta(days=days))

    monkeypatch.setattr(services, "one_snapshot", shifted)
