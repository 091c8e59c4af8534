"""Where backups are kept."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from hrapi.backups.directory_place import DirectoryPlace
from hrapi.backups.errors import BackupError, BadBackupError, UnreadableError
from hrapi.backups.manifest import NAME, Manifest
from hrapi.places.parsing import parse_place

LATEST = "latest"


class Place(Protocol):
    """A directory, or a prefix in an S3 bucket. `str()` names it."""

    def names(self) -> list[str]:
        """The names of all backups, oldest first. What is unfinished has no manifest and is none."""

    def new(self, name: str) -> AbstractContextManager[Path]:
        """An empty local directory that becomes the backup `name`, whole, when the block ends well."""

    def fetched(self, name: str) -> AbstractContextManager[Path]:
        """A local directory with the files of a backup. Raises BackupError when there is none of that name."""

    def manifest(self, name: str) -> Manifest:
        """What a backup says of itself; nothing else of it is read. Raises BackupError, BadBackupError."""

    def remove(self, name: str) -> None:
        """Removes a backup. From the first moment on it is not listed."""

    def pinned(self) -> set[str]:
        """The names of the backups that are pinned."""

    def pin(self, name: str, *, on: bool) -> None:
        """Pins a backup or unpins it. Raises BackupError when there is none of that name."""

    def erasures(self) -> dict[str, bytes]:
        """The records of erasures by the names of their files. Raises BackupError, BadBackupError."""

    def add_erasure(self, name: str, data: bytes) -> None:
        """Keeps the record of an erasure, for good and on disk."""


def new_name(now: datetime) -> str:
    """A name for a backup that sorts by time: `20261121T000000.123456Z-9f31c2`."""
    return f"{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"


def place_of(text: str) -> Place:
    """The place that a setting or an option names. Raises BackupError for one that is not understood."""
    try:
        found = parse_place(text)
    except ValueError as error:
        raise BackupError(str(error)) from None
    if isinstance(found, Path):
        return DirectoryPlace(found)
    from hrapi.backups.s3_place import S3Place

    return S3Place(*found)


def find_backup(text: str, default: str) -> tuple[Place, str]:
    """The place and name of a backup: a name in the default place, or a path to one elsewhere. `LATEST` is a name.

    Raises BackupError for what is not a name.
    """
    parent, _, name = text.rstrip("/").rpartition("/")
    place = place_of(parent or ("/" if text.startswith("/") else default))
    if name != LATEST and not NAME.fullmatch(name):
        raise BackupError(f"{name[:60]!a} is not the name of a backup; list_backups shows them.")
    return place, name


def resolve(place: Place, name: str) -> str:
    """The name of a backup, that of the newest for `LATEST`. Raises BackupError when there is none."""
    found = newest(place) if name == LATEST else name
    if not found:
        raise BackupError(f"There is no backup of all tables in {place}{_newest_of_some(place)}.")
    return found


def _newest_of_some(place: Place) -> str:
    for name in reversed(place.names()):
        # Those that cannot be read count as backups of all tables.
        manifest = place.manifest(name)
        if manifest.kind == "of some tables":
            tables = ", ".join(entry.table for entry in manifest.tables)
            return f"; the newest of some is {name}, with {tables}"
    return ""


def newest(place: Place) -> str:
    """The newest backup of all tables that was not made before a restore, "" without any."""
    return next((name for name in reversed(place.names()) if _counts(place, name)), "")


def _counts(place: Place, name: str) -> bool:
    try:
        return place.manifest(name).kind == "of all tables"
    except (BadBackupError, UnreadableError):
        # It is not passed over in silence: to verify it says what is wrong.
        return True
