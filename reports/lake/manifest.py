"""What an export says of itself: `_manifest.json` beside its files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hrapi.backups.manifest import MAX_NUMBER, NAME, Sha256
from reports.datasets.definition import Type
from reports.lake.errors import ExportError

MANIFEST = "_manifest.json"
CHANGES = "-changes"

Id = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
Count = Annotated[int, Field(ge=0, le=MAX_NUMBER)]
Parsed = TypeVar("Parsed")
PART = rf"(year=\d{{4}}/)?part-\d{{5}}-{NAME.pattern}\.parquet"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ColumnEntry(_Part):
    """A column as readers see it."""

    name: str
    type: Type | Literal["boolean"]
    nullable: bool


class FileEntry(_Part):
    """A Parquet file, by its path from the manifest on."""

    path: Annotated[str, Field(pattern=f"^{PART}$")]
    rows: Count
    bytes: Count
    sha256: Sha256


class Manifest(_Part):
    """One export of one dataset. `since` is the id of the export that an increment goes on from."""

    format: Literal[1]
    id: Id
    dataset: Annotated[str, Field(pattern="^[a-z-]{1,63}$")]
    kind: Literal["full", "incremental"]
    since: Id | None
    processed_on: date
    snapshot_at: datetime
    snapshot: str | None
    version: str
    rows: Count
    partitioned_by: Literal["year"] | None
    columns: tuple[ColumnEntry, ...]
    files: tuple[FileEntry, ...]

    @property
    def directory(self) -> str:
        """Where it lies: `employees/processed_on=2026-11-26`."""
        ending = CHANGES if self.kind == "incremental" else ""
        return f"{self.dataset}{ending}/{day_directory(self.processed_on)}"

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(file.bytes for file in self.files)

    def as_json(self) -> bytes:
        return (self.model_dump_json(indent=2) + "\n").encode()


_MANIFEST = TypeAdapter(Manifest)


class _Newest(Protocol):
    def newest(self, name: str) -> Manifest | None: ...


def last_export(lake: _Newest, dataset: str) -> Manifest | None:
    """The full export or increment of the dataset that was made last, if any."""
    found = [export for name in (dataset, dataset + CHANGES) if (export := lake.newest(name))]
    return max(found, key=lambda export: export.snapshot_at, default=None)


def day_directory(day: date) -> str:
    return f"processed_on={day.isoformat()}"


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Raises ExportError for what is not a manifest that is understood."""
    return parse(_MANIFEST, data, where)


def parse(adapter: TypeAdapter[Parsed], data: bytes, where: str) -> Parsed:
    """Raises ExportError for what is not understood."""
    try:
        return adapter.validate_json(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ascii(".".join(map(str, details["loc"])))[1:-1][:60] or "it"
        raise ExportError(f"{where} is not understood: {place}: {details['msg']}.") from error
