"""What a backup says of itself: `manifest.json`, with its SHA-256 beside it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hrapi.backups.avro_files import open_file
from hrapi.backups.errors import BadBackupError
from hrapi.places.directory import create_file

MANIFEST = "manifest.json"
DIGEST = "manifest.json.sha256"
NAME = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-f]{6}")
FORMAT = 1
MAX_MANIFEST_BYTES = 1024 * 1024
MAX_NUMBER = 2**63 - 1
_SHOWN_CHARACTERS = 60

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Trigger = Literal["manual", "cron", "before-restore"]
Kind = Literal["of all tables", "of some tables", "before a restore"]

# A table that came later is missing in the backups of all tables that earlier versions made.
FIRST_TABLES = {"departments", "jobs", "employees", "batches", "rejected_rows"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Versions(_Part):
    """Of the service and of the database server that a backup was made with."""

    app: str
    server: str


class TableEntry(_Part):
    """One file of a backup."""

    table: Annotated[str, Field(pattern="^[a-z_]{1,63}$")]
    file: str
    rows: Annotated[int, Field(ge=0, le=MAX_NUMBER)]
    bytes: Annotated[int, Field(ge=0, le=MAX_NUMBER)]
    sha256: Sha256
    content_sha256: Sha256
    schema_version: Annotated[int, Field(ge=1, le=MAX_NUMBER)]
    schema_sha256: Sha256

    @model_validator(mode="after")
    def _file_is_the_tables(self) -> TableEntry:
        if self.file != f"{self.table}.avro":
            raise ValueError("file and table differ")
        return self


class Manifest(_Part):
    """A backup: when, with what and of which snapshot it was made, and its tables, those referred to first."""

    format: Literal[1]
    id: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    started_at: datetime
    finished_at: datetime
    versions: Versions
    snapshot: str
    codec: str
    trigger: Trigger
    tables: Annotated[tuple[TableEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _tables_are_distinct(self) -> Manifest:
        if len({entry.table for entry in self.tables}) < len(self.tables):
            raise ValueError("a table stands twice")
        return self

    @property
    def kind(self) -> Kind:
        """What it is good for. One made before a restore holds what was undone."""
        if self.trigger == "before-restore":
            return "before a restore"
        is_full = {entry.table for entry in self.tables} >= FIRST_TABLES
        return "of all tables" if is_full else "of some tables"

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.tables)

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.tables)

    @property
    def files(self) -> set[str]:
        return {MANIFEST, DIGEST, *(entry.file for entry in self.tables)}


def made_at(name: str) -> datetime:
    """When the backup of this name was begun."""
    return datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%S.%f%z")


def write_manifest(directory: Path, manifest: Manifest) -> None:
    data = (manifest.model_dump_json(indent=2) + "\n").encode()
    with create_file(directory / MANIFEST) as file:
        file.write(data)
    with create_file(directory / DIGEST) as file:
        file.write(f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n".encode())


def read_manifest(directory: Path) -> Manifest:
    """Raises BadBackupError when the manifest is not as it was written, or not one that is understood."""
    data = read_small(directory / MANIFEST)
    digest = read_small(directory / DIGEST)
    if digest != f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n".encode():
        raise BadBackupError(f"{MANIFEST} is not the one that {DIGEST} was made for.")
    return parse_manifest(data)


def parse_manifest(data: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)[0]
        # Escaped: it may be anything.
        place = ascii(".".join(map(str, details["loc"])))[1:-1][:_SHOWN_CHARACTERS] or "it"
        raise BadBackupError(f"{MANIFEST} is not understood: {place}: {details['msg']}.") from error


def read_small(path: Path) -> bytes:
    """The whole of a file of a MiB at most. Raises BadBackupError, UnreadableError."""
    with open_file(path) as file:
        data = file.read(MAX_MANIFEST_BYTES + 1)
    if len(data) > MAX_MANIFEST_BYTES:
        raise BadBackupError(f"{path.name} is too long.")
    return data
