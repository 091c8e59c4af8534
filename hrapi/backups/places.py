"""Where backups are kept: a directory."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from hrapi.backups.errors import BackupError, BadBackupError
from hrapi.backups.manifest import MANIFEST, NAME, read_manifest

UNFINISHED = ".unfinished-"
_SWEEP_SECONDS = 24 * 60 * 60


def new_name(now: datetime) -> str:
    """A name for a backup that sorts by time: `20261121T000000.123456Z-9f31c2`."""
    return f"{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"


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
            if NAME.fullmatch(entry.name)
            and not entry.is_symlink()
            and (entry / MANIFEST).is_file()
        )

    @contextmanager
    def new(self, name: str) -> Iterator[Path]:
        """An empty directory that becomes the backup `name`, whole and on disk, when the block ends well."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        staging = self.root / f"{UNFINISHED}{name}"
        staging.mkdir(mode=0o700)
        try:
            yield staging
            _sync_directory(staging)
            staging.rename(self.root / name)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        _sync_directory(self.root)

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The directory of a backup. Raises BackupError when there is none of that name."""
        directory = self.root / name
        if directory.is_symlink() or not directory.is_dir():
            raise BackupError(f"There is no backup {name} in {self.root}.")
        yield directory

    def _sweep(self) -> None:
        """Removes what runs left that were killed a day ago or earlier."""
        for entry in self.root.glob(f"{UNFINISHED}*"):
            age = time.time() - entry.lstat().st_mtime
            if age > _SWEEP_SECONDS and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place_of(text: str) -> DirectoryPlace:
    """The place that a setting or an option names. Raises BackupError for one that is not understood."""
    if "://" in text:
        raise BackupError(f"{text} is not a place for backups: name a directory.")
    return DirectoryPlace(Path(text).absolute())


def find_backup(text: str, default: str) -> tuple[DirectoryPlace, str]:
    """The place and name of a backup: `latest` or a name in the default place, or a path to one elsewhere.

    The latest is the newest that was not made before a restore: that one holds what was to be undone.
    """
    parent, _, name = text.rpartition("/")
    place = place_of(parent or ("/" if text.startswith("/") else default))
    if name == "latest":
        for candidate in reversed(place.names()):
            if not _was_made_before_a_restore(place, candidate):
                return place, candidate
        raise BackupError(f"There is no backup in {place}.")
    if not NAME.fullmatch(name):
        raise BackupError(f"{name[:60]!a} is not the name of a backup; list_backups shows them.")
    return place, name


def _was_made_before_a_restore(place: DirectoryPlace, name: str) -> bool:
    try:
        with place.fetched(name) as directory:
            return read_manifest(directory).trigger == "before-restore"
    except BadBackupError:
        # It is not passed over in silence: to verify it says what is wrong.
        return False
