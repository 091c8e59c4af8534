"""Exports published under a prefix of a bucket, where nothing can be renamed: the manifest makes an export.

A journal names all objects that may be there without belonging to an export, before they are: those of a run that
has not ended, and those that it replaces. Whoever finds a journal removes what no manifest lists.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

from botocore.exceptions import ClientError
from pydantic import Field, TypeAdapter

from hrapi.places.bucket import READ_BYTES, Bucket
from hrapi.places.directory import create_file
from reports.lake.directory_lake import LOGS
from reports.lake.errors import ExportError, MissingError, is_no_export
from reports.lake.manifest import MANIFEST, Manifest, last_export, parse, parse_manifest
from reports.lake.staging import STATE, local_directory

JOURNALS = "_unfinished"
_MISSING = {"NoSuchKey", "404"}
_JOURNAL = TypeAdapter(list[Annotated[str, Field(pattern="^[^/]+/[^/]")]])


class BucketLake:
    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = Bucket(bucket, prefix, error=ExportError)

    def __str__(self) -> str:
        return str(self.bucket)

    @contextmanager
    def staging(self, run: str) -> Iterator[Path]:
        with self.bucket.errors():
            # Also whether the bucket is there, before any work.
            for journal, _ in self.bucket.objects(f"{JOURNALS}/"):
                data = self.bucket.get(journal).read()
                self._clear(journal, parse(_JOURNAL, data, f"{self}/{journal}"))
        with local_directory(run) as directory:
            yield directory

    def newest(self, name: str) -> Manifest | None:
        with self.bucket.errors():
            keys = [key for key, _ in self.bucket.objects(f"{name}/processed_on=")]
            days = sorted(key for key in keys if key.endswith(f"/{MANIFEST}"))
            return self._manifest(days[-1]) if days else None

    def fetched(self, path: str, into: Path) -> Path:
        copy = into / Path(path).name
        with self.bucket.errors():
            try:
                body = self.bucket.get(path)
            except ClientError as error:
                if _is_missing(error):
                    raise MissingError(f"{self}/{path} is missing.") from error
                raise
            with create_file(copy) as file:
                shutil.copyfileobj(body, file, READ_BYTES)
        return copy

    def publish(
        self, staging: Path, exports: Sequence[Manifest], *, check_alone: Callable[[], None]
    ) -> None:
        new = {
            path.relative_to(staging).as_posix(): path
            for path in sorted(staging.rglob("*.parquet"))
        }
        with self.bucket.errors():
            replaced = self._replaced(exports)
            journal = f"{JOURNALS}/{exports[0].id}.json"
            # If another run has begun since, what is there may be its own.
            ours = [*new]
            try:
                self.bucket.replace(json.dumps([*new, *replaced]).encode(), journal)
                for key, path in new.items():
                    self.bucket.upload(path, key)
                check_alone()
                ours += replaced
                self._switch({f"{export.directory}/{MANIFEST}": export for export in exports})
            except BaseException:
                with suppress(ExportError), self.bucket.errors():
                    self._clear(journal, ours)
                raise
        try:
            with self.bucket.errors():
                self._clear(journal, ours)
        except ExportError as error:
            raise ExportError(
                "All is published, but what was there before could not be removed, which the next run does:"
                f" {error}"
            ) from error

    def _replaced(self, exports: Sequence[Manifest]) -> list[str]:
        """The keys of what is to go when these are published. Raises ExportError for what is not of an export."""
        found = []
        for export in exports:
            manifest = f"{export.directory}/{MANIFEST}"
            there = [key for key, _ in self.bucket.objects(f"{export.directory}/")]
            if there and manifest not in there:
                raise is_no_export(f"{self}/{export.directory}")
            known = [key for key, _ in self.bucket.objects(f"{STATE}/{export.dataset}/")]
            found += [key for key in [*there, *known] if key != manifest]
        return found

    def _switch(self, exports: dict[str, Manifest]) -> None:
        """Stores the manifests by their keys; all of them, or none as far as that is possible."""
        before = {key: self._manifest(key) for key in exports}
        done: list[str] = []
        try:
            for key, export in exports.items():
                done.append(key)
                self.bucket.replace(export.as_json(), key)
        except BaseException:
            with suppress(ExportError), self.bucket.errors():
                for key in done:
                    if was := before[key]:
                        self.bucket.replace(was.as_json(), key)
                    else:
                        self.bucket.delete(key)
            raise

    def keep_log(self, name: str, log: Path) -> None:
        with self.bucket.errors():
            self.bucket.put(io.BytesIO(log.read_bytes()), f"{LOGS}/{name}")

    def _clear(self, journal: str, keys: list[str]) -> None:
        """Removes of these objects what no manifest lists, and then the journal that names them."""
        manifests: dict[str, Manifest | None] = {}
        for key in keys:
            if not self._belongs(key, manifests):
                self.bucket.delete(key)
        self.bucket.delete(journal)

    def _belongs(self, key: str, manifests: dict[str, Manifest | None]) -> bool:
        """Whether the object is a part of what is published."""
        first, second = key.split("/")[:2]
        if first == STATE:
            last = last_export(self, second)
            return last is not None and Path(key).stem == last.id
        directory = f"{first}/{second}"
        if directory not in manifests:
            manifests[directory] = self._manifest(f"{directory}/{MANIFEST}")
        manifest = manifests[directory]
        return manifest is not None and key in {
            f"{directory}/{file.path}" for file in manifest.files
        }

    def _manifest(self, key: str) -> Manifest | None:
        try:
            data = self.bucket.get(key).read()
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        return parse_manifest(data, f"{self}/{key}")


def _is_missing(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in _MISSING
