"""Exports published in a directory: each takes its name in one step."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hrapi.backups.manifest import NAME
from hrapi.places.directory import (
    create_file,
    make_directory,
    put_in_place,
    sweep,
    sync_directory,
)
from reports.lake.errors import MissingError, is_no_export
from reports.lake.manifest import MANIFEST, Manifest, parse_manifest
from reports.lake.staging import STATE, state_path

UNFINISHED = "_unfinished-"
LOGS = "_logs"
_OF_KILLED_RUNS = re.compile(re.escape(UNFINISHED) + NAME.pattern)


class DirectoryLake:
    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    @contextmanager
    def staging(self, run: str) -> Iterator[Path]:
        make_directory(self.root)
        sweep(self.root, _OF_KILLED_RUNS)
        directory = self.root / f"{UNFINISHED}{run}"
        directory.mkdir(mode=0o700)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def newest(self, name: str) -> Manifest | None:
        days = sorted((self.root / name).glob(f"processed_on=*/{MANIFEST}"))
        return parse_manifest(days[-1].read_bytes(), str(days[-1])) if days else None

    def fetched(self, path: str, into: Path) -> Path:
        found = self.root / path
        if not found.is_file():
            raise MissingError(f"{found} is missing.")
        return found

    def publish(
        self, staging: Path, exports: Sequence[Manifest], *, check_alone: Callable[[], None]
    ) -> None:
        self._refuse_others([self.root / export.directory for export in exports])
        for export in exports:
            with create_file(staging / export.directory / MANIFEST) as file:
                file.write(export.as_json())
        for path in [path for path in staging.rglob("*") if path.is_dir()]:
            sync_directory(path)
        check_alone()
        for path in sorted(staging.glob(f"{STATE}/*/*")):
            self._put(path, self.root / path.relative_to(staging))
        done: list[str] = []
        try:
            for export in exports:
                done.append(export.directory)
                self._put(staging / export.directory, self.root / export.directory)
        except BaseException:
            for directory in reversed(done):
                with suppress(OSError):
                    _take_back(staging / directory, self.root / directory)
            raise
        for export in exports:
            kept = self.root / state_path(export.dataset, export.id)
            for path in kept.parent.glob("*.parquet") if kept.exists() else ():
                if path != kept:
                    path.unlink()

    @staticmethod
    def _refuse_others(directories: Sequence[Path]) -> None:
        for directory in directories:
            if os.path.lexists(directory) and not (directory / MANIFEST).exists():
                raise is_no_export(directory)

    def _put(self, new: Path, path: Path) -> None:
        make_directory(path.parent)
        put_in_place(new, path)
        sync_directory(path.parent)

    def keep_log(self, name: str, log: Path) -> None:
        directory = self.root / LOGS
        make_directory(directory)
        with create_file(directory / name) as file:
            file.write(log.read_bytes())
        sync_directory(directory)


def _take_back(staged: Path, path: Path) -> None:
    """Undoes what has put the staged directory in place, if it has: what was there before is there again."""
    run = staged.parents[1].name.removeprefix(UNFINISHED)
    if staged.exists() and any(staged.rglob(f"*-{run}.parquet")):
        return
    if staged.exists():
        put_in_place(staged, path)
    else:
        path.rename(staged)
