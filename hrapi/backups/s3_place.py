"""Backups kept under a prefix of a bucket: of Amazon's S3, or of another server that speaks its protocol.

A backup is made and read back here, then uploaded, its manifest last: without that it is not listed.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hrapi.backups.directory_place import ERASURES, PIN
from hrapi.backups.errors import BackupError, BadBackupError
from hrapi.backups.manifest import (
    DIGEST,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    NAME,
    Manifest,
    read_manifest,
)
from hrapi.places.bucket import READ_BYTES, Bucket
from hrapi.places.directory import create_file, sweep

_SWEEP_AGE = timedelta(days=1)
_FILE_NAME = re.compile(r"[a-z_]{1,63}\.[a-z0-9.]{1,20}")
_LOCAL = "hrapi-backup-"
_OF_KILLED_RUNS = re.compile(rf"{_LOCAL}{NAME.pattern}-\w+")


class S3Place:
    """Backups as objects `<prefix>/<name>/<file>`."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = Bucket(bucket, prefix, error=BackupError)

    def __str__(self) -> str:
        return str(self.bucket)

    def names(self) -> list[str]:
        """The names of all backups, oldest first."""
        with self.bucket.errors():
            keys = [key for key, _ in self.bucket.objects("")]
        found = (key.removesuffix(f"/{MANIFEST}") for key in keys if key.endswith(f"/{MANIFEST}"))
        return sorted(name for name in found if NAME.fullmatch(name))

    @contextmanager
    def new(self, name: str) -> Iterator[Path]:
        """An empty local directory whose files are uploaded when the block ends well, the manifest last."""
        with _local_directory(name) as directory:
            yield directory
            with self.bucket.errors():
                self._sweep()
                # IfNoneMatch says the same of each object, to servers that know it.
                if self.bucket.objects(f"{name}/"):
                    raise BackupError(f"There is a backup {name} in {self} already.")
                try:
                    for path in sorted(directory.iterdir(), key=_order):
                        self.bucket.upload(path, f"{name}/{path.name}")
                except BaseException:
                    # As far as that is possible. What is left is not listed, or is whole.
                    with suppress(BackupError):
                        self.remove(name)
                    raise

    def manifest(self, name: str) -> Manifest:
        """What a backup says of itself; its tables are not downloaded. Raises BackupError, BadBackupError."""
        with self.fetched(name, only=(MANIFEST, DIGEST)) as directory:
            return read_manifest(directory)

    @contextmanager
    def fetched(self, name: str, only: Collection[str] = ()) -> Iterator[Path]:
        """A local directory with all files of a backup, or `only` these. Raises BackupError when there is none."""
        with _local_directory(name) as directory:
            with self.bucket.errors():
                objects = self.bucket.objects(f"{name}/")
                if not objects:
                    raise BackupError(f"There is no backup {name} in {self}.")
                for key, _ in objects:
                    file_name = key.removeprefix(f"{name}/")
                    if only and file_name not in only:
                        continue
                    if not _FILE_NAME.fullmatch(file_name):
                        raise BadBackupError(f"{file_name[:60]!a} does not belong to the backup.")
                    with create_file(directory / file_name) as file:
                        shutil.copyfileobj(self.bucket.get(key), file, READ_BYTES)
            yield directory

    def remove(self, name: str) -> None:
        """Removes a backup, its manifest first: from then on it is not listed, and swept if that is cut short."""
        with self.bucket.errors():
            keys = [f"{name}/{MANIFEST}", *(key for key, _ in self.bucket.objects(f"{name}/"))]
            for key in dict.fromkeys(keys):
                self.bucket.delete(key)

    def pinned(self) -> set[str]:
        """The names of the backups that are pinned."""
        with self.bucket.errors():
            return {
                key.removesuffix(PIN) for key, _ in self.bucket.objects("") if key.endswith(PIN)
            }

    def pin(self, name: str, *, on: bool) -> None:
        """Pins a backup or unpins it. Raises BackupError when there is none of that name."""
        if name not in self.names():
            raise BackupError(f"There is no backup {name} in {self}.")
        with self.bucket.errors():
            if on:
                self.bucket.replace(b"", f"{name}{PIN}")
            else:
                self.bucket.delete(f"{name}{PIN}")

    def erasures(self) -> dict[str, bytes]:
        """The records of erasures by the names of their objects. Raises BackupError, BadBackupError."""
        found = {}
        with self.bucket.errors():
            for key, _ in self.bucket.objects(f"{ERASURES}/"):
                data = self.bucket.get(key).read(MAX_MANIFEST_BYTES + 1)
                if len(data) > MAX_MANIFEST_BYTES:
                    raise BadBackupError(f"{key[:60]!a} is too long.")
                found[key.removeprefix(f"{ERASURES}/")] = data
        return found

    def add_erasure(self, name: str, data: bytes) -> None:
        """Keeps the record of an erasure."""
        with self.bucket.errors():
            self.bucket.put(io.BytesIO(data), f"{ERASURES}/{name}")

    def _sweep(self) -> None:
        """Removes what runs left that were killed a day ago or earlier: objects of names without a manifest."""
        objects = self.bucket.objects("")
        finished = {key.partition("/")[0] for key, _ in objects if key.endswith(f"/{MANIFEST}")}
        for key, modified in objects:
            name = key.partition("/")[0]
            is_ours = NAME.fullmatch(name) and name not in finished
            if is_ours and datetime.now(UTC) - modified > _SWEEP_AGE:
                self.bucket.delete(key)


def _order(path: Path) -> int:
    """The manifest comes last, its digest before it."""
    return {MANIFEST: 2, DIGEST: 1}.get(path.name, 0)


@contextmanager
def _local_directory(name: str) -> Iterator[Path]:
    """An empty directory of the name of a backup, gone with all that is in it when the block ends."""
    sweep(Path(tempfile.gettempdir()), _OF_KILLED_RUNS)
    with tempfile.TemporaryDirectory(prefix=f"{_LOCAL}{name}-") as parent:
        directory = Path(parent) / name
        directory.mkdir(mode=0o700)
        yield directory
