"""Backups kept in a directory."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hrapi.backups.errors import BackupError, BadBackupError
from hrapi.backups.manifest import MANIFEST, NAME, Manifest, read_manifest, read_small
from hrapi.places.directory import create_file, make_directory, sweep, sync_directory

UNFINISHED = ".unfinished-"
PIN = ".pin"
ERASURES = "erasures"
_OF_KILLED_RUNS = re.compile(re.escape(UNFINISHED) + NAME.pattern)


class DirectoryPlace:
    """Backups as directories of one directory. What is unfinished has another name and is never listed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def names(self) -> list[str]:
        """The names of all backups, oldest first."""
        try:
            entries = list(self.root.iterdir())
        except FileNotFoundError:
            return []
        return sorted(
            entry.name
            for entry in entries
            if NAME.fullmatch(entry.name) and not entry.is_symlink() and _is_finished(entry)
        )

    @contextmanager
    def new(self, name: str) -> Iterator[Path]:
        """An empty directory that becomes the backup `name`, whole and on disk, when the block ends well."""
        make_directory(self.root)
        sweep(self.root, _OF_KILLED_RUNS)
        staging = self.root / f"{UNFINISHED}{name}"
        staging.mkdir(mode=0o700)
        try:
            yield staging
            sync_directory(staging)
            staging.rename(self.root / name)
            sync_directory(self.root)
        except BaseException:
            # It may have its name already.
            with suppress(OSError):
                (self.root / name).rename(staging)
            shutil.rmtree(staging, ignore_errors=True)
            raise

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The directory of a backup. Raises BackupError when there is none of that name."""
        directory = self.root / name
        if directory.is_symlink() or not directory.is_dir():
            raise BackupError(f"There is no backup {name} in {self.root}.")
        yield directory

    def manifest(self, name: str) -> Manifest:
        """What a backup says of itself. Raises BackupError, BadBackupError."""
        with self.fetched(name) as directory:
            return read_manifest(directory)

    def remove(self, name: str) -> None:
        """Removes a backup. From the first moment on it is not listed; if that is cut short it is swept later."""
        unlisted = self.root / f"{UNFINISHED}{name}"
        (self.root / name).rename(unlisted)
        sync_directory(self.root)
        shutil.rmtree(unlisted)

    def pinned(self) -> set[str]:
        """The names of the backups that are pinned."""
        return {path.name.removesuffix(PIN) for path in self.root.glob(f"*{PIN}")}

    def pin(self, name: str, *, on: bool) -> None:
        """Pins a backup or unpins it. Raises BackupError when there is none of that name."""
        with self.fetched(name):
            pass
        path = self.root / f"{name}{PIN}"
        if not on:
            path.unlink(missing_ok=True)
        elif not path.exists():
            with create_file(path):
                pass
        sync_directory(self.root)

    def erasures(self) -> dict[str, bytes]:
        """The records of erasures by the names of their files. Raises BadBackupError, UnreadableError."""
        directory = self.root / ERASURES
        if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
            raise BadBackupError(f"{ERASURES} in {self.root} is not a directory.")
        if not directory.exists():
            return {}
        names = sorted(path.name for path in directory.iterdir())
        return {
            name: read_small(directory / name) for name in names if not name.startswith(UNFINISHED)
        }

    def add_erasure(self, name: str, data: bytes) -> None:
        """Keeps the record of an erasure, whole and on disk."""
        directory = self.root / ERASURES
        make_directory(directory)
        unfinished = directory / f"{UNFINISHED}{name}"
        try:
            with create_file(unfinished) as file:
                file.write(data)
            unfinished.rename(directory / name)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        sync_directory(directory)


def _is_finished(directory: Path) -> bool:
    try:
        return (directory / MANIFEST).is_file()
    except PermissionError:
        # Another user's. It is not passed over in silence.
        return True
