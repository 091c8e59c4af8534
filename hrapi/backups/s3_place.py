"""Backups kept under a prefix of a bucket: of Amazon's S3, or of another server that speaks its protocol.

A backup is made and read back here, then uploaded, its manifest last: without that it is not listed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings

from hrapi.backups.avro_files import create_file
from hrapi.backups.directory_place import ERASURES, PIN, sweep
from hrapi.backups.errors import BackupError, BadBackupError
from hrapi.backups.manifest import (
    DIGEST,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    NAME,
    Manifest,
    read_manifest,
)

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client

CONNECT_SECONDS, READ_SECONDS = 10, 60
MAX_OBJECT_BYTES = 5 * 1024**3
_SWEEP_AGE = timedelta(days=1)
_FILE_NAME = re.compile(r"[a-z_]{1,63}\.[a-z0-9.]{1,20}")
_READ_BYTES = 1024 * 1024
_LOCAL = "hrapi-backup-"
_OF_KILLED_RUNS = re.compile(rf"{_LOCAL}{NAME.pattern}-\w+")
_IS_THERE = 412


class S3Place:
    """Backups as objects `<prefix>/<name>/<file>`. Credentials come from where boto3 looks for them."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = prefix

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def names(self) -> list[str]:
        """The names of all backups, oldest first."""
        with self._errors():
            keys = [key for key, _ in self._objects("")]
        found = (key.removesuffix(f"/{MANIFEST}") for key in keys if key.endswith(f"/{MANIFEST}"))
        return sorted(name for name in found if NAME.fullmatch(name))

    @contextmanager
    def new(self, name: str) -> Iterator[Path]:
        """An empty local directory whose files are uploaded when the block ends well, the manifest last."""
        with _local_directory(name) as directory:
            yield directory
            with self._errors():
                self._sweep()
                # IfNoneMatch says the same of each object, to servers that know it.
                if self._objects(f"{name}/"):
                    raise BackupError(f"There is a backup {name} in {self} already.")
                try:
                    for path in sorted(directory.iterdir(), key=_order):
                        self._upload(path, f"{name}/{path.name}")
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
            with self._errors():
                objects = self._objects(f"{name}/")
                if not objects:
                    raise BackupError(f"There is no backup {name} in {self}.")
                for key, _ in objects:
                    file_name = key.removeprefix(f"{name}/")
                    if only and file_name not in only:
                        continue
                    if not _FILE_NAME.fullmatch(file_name):
                        raise BadBackupError(f"{file_name[:60]!a} does not belong to the backup.")
                    with create_file(directory / file_name) as file:
                        shutil.copyfileobj(self._get(key), file, _READ_BYTES)
            yield directory

    def remove(self, name: str) -> None:
        """Removes a backup, its manifest first: from then on it is not listed, and swept if that is cut short."""
        with self._errors():
            keys = [f"{name}/{MANIFEST}", *(key for key, _ in self._objects(f"{name}/"))]
            for key in dict.fromkeys(keys):
                self._client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def pinned(self) -> set[str]:
        """The names of the backups that are pinned."""
        with self._errors():
            return {key.removesuffix(PIN) for key, _ in self._objects("") if key.endswith(PIN)}

    def pin(self, name: str, *, on: bool) -> None:
        """Pins a backup or unpins it. Raises BackupError when there is none of that name."""
        if name not in self.names():
            raise BackupError(f"There is no backup {name} in {self}.")
        with self._errors():
            key = self._key(f"{name}{PIN}")
            if on:
                self._client.put_object(Bucket=self.bucket, Key=key, Body=b"")
            else:
                self._client.delete_object(Bucket=self.bucket, Key=key)

    def erasures(self) -> dict[str, bytes]:
        """The records of erasures by the names of their objects. Raises BackupError, BadBackupError."""
        found = {}
        with self._errors():
            for key, _ in self._objects(f"{ERASURES}/"):
                data = self._get(key).read(MAX_MANIFEST_BYTES + 1)
                if len(data) > MAX_MANIFEST_BYTES:
                    raise BadBackupError(f"{key[:60]!a} is too long.")
                found[key.removeprefix(f"{ERASURES}/")] = data
        return found

    def add_erasure(self, name: str, data: bytes) -> None:
        """Keeps the record of an erasure."""
        with self._errors():
            self._put(io.BytesIO(data), f"{ERASURES}/{name}")

    @cached_property
    def _client(self) -> S3Client:
        try:
            return self._new_client()
        except ValueError as error:
            raise BackupError(
                f"S3_ENDPOINT_URL is {settings.S3_ENDPOINT_URL!r}, which is not the URL of a server."
            ) from error

    def _new_client(self) -> S3Client:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.S3_ENDPOINT_URL or None,
            # Of another server than Amazon's the region is nobody's business, but one must be named.
            region_name="us-east-1" if settings.S3_ENDPOINT_URL else None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "max_attempts": 3},
                # Other servers than Amazon's do not know the newer checksums; each upload has its MD5.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _objects(self, start: str) -> list[tuple[str, datetime]]:
        """Names, from the prefix on, and times of all objects whose names begin like that."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self._key(start)
        )
        skipped = len(self._key(""))
        return [
            (entry["Key"][skipped:], entry["LastModified"])
            for page in pages
            for entry in page.get("Contents", [])
        ]

    def _get(self, key: str) -> StreamingBody:
        return self._client.get_object(Bucket=self.bucket, Key=self._key(key))["Body"]

    def _upload(self, path: Path, key: str) -> None:
        size = path.stat().st_size
        if size > MAX_OBJECT_BYTES:
            raise BackupError(f"{path.name} has {size:,} bytes; one upload takes 5 GiB.")
        with path.open("rb") as file:
            self._put(file, key)

    def _put(self, file: IO[bytes], key: str) -> None:
        digest = _md5(file)
        file.seek(0)
        try:
            self._client.put_object(
                Bucket=self.bucket,
                Key=self._key(key),
                Body=file,
                ContentMD5=base64.b64encode(digest).decode(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            # An upload whose answer was lost is tried again, and meets what it has stored itself.
            is_there = error.response["ResponseMetadata"]["HTTPStatusCode"] == _IS_THERE
            if not is_there or _md5(self._get(key)) != digest:
                raise

    def _sweep(self) -> None:
        """Removes what runs left that were killed a day ago or earlier: objects of names without a manifest."""
        objects = self._objects("")
        finished = {key.partition("/")[0] for key, _ in objects if key.endswith(f"/{MANIFEST}")}
        for key, modified in objects:
            name = key.partition("/")[0]
            is_ours = NAME.fullmatch(name) and name not in finished
            if is_ours and datetime.now(UTC) - modified > _SWEEP_AGE:
                self._client.delete_object(Bucket=self.bucket, Key=self._key(key))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of the library as one line that holds no credentials."""
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "an error")
            raise BackupError(f"{self}: the server answers {code[:80]}.") from error
        except (BotoCoreError, HTTPClientError) as error:
            raise BackupError(f"{self}: {type(error).__name__}.") from error


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


def _md5(body: IO[bytes] | StreamingBody) -> bytes:
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := body.read(_READ_BYTES):
        digest.update(chunk)
    return digest.digest()
