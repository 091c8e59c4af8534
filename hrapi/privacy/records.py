"""What is known of erasures: in the database, and in files beside the backups, for when the database is lost.

A backup that was made before an erasure still holds what was erased. Whoever restores it goes by these records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from hrapi.backups.errors import BadBackupError
from hrapi.backups.manifest import NAME, made_at
from hrapi.backups.places import Place, new_name
from hrapi.privacy.models import Erasure

SUFFIX = ".json"

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Cleared = Mapping[
    Literal[
        "rejected_rows.raw",
        "rejected_rows.history",
        "batches.file_name",
        "batches.refused_detail",
        "loads.file_name",
        "loads.error_detail",
        "loads.dry_run_answer",
        "token_details.name",
    ],
    tuple[Id, ...],
]


class ErasureRecord(BaseModel):
    """That the row `row_id` of a table was erased, and of other rows the columns in `cleared`. It names nobody."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    table: Annotated[str, Field(pattern="^[a-z_]{1,63}$")]
    row_id: Id
    erased_at: AwareDatetime
    cleared: Cleared

    @model_validator(mode="after")
    def _id_is_of_its_time(self) -> ErasureRecord:
        if made_at(self.id) != self.erased_at:
            raise ValueError("id and erased_at differ")
        return self

    def ids(self, column: str) -> list[int]:
        """The ids of the rows of which this `table.column` was cleared."""
        return [row_id for name, ids in self.cleared.items() if name == column for row_id in ids]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    erasure: ErasureRecord
    sha256: str

    @model_validator(mode="after")
    def _is_as_written(self) -> _File:
        if self.sha256 != _digest(self.erasure):
            raise ValueError("it is not what sha256 was made for")
        return self


def new_record(
    table: str, row_id: int, erased_at: datetime, cleared: Mapping[str, Sequence[int]]
) -> ErasureRecord:
    members = {column: tuple(ids) for column, ids in cleared.items() if ids}
    return ErasureRecord(
        id=new_name(erased_at),
        table=table,
        row_id=row_id,
        erased_at=erased_at,
        cleared=members,  # type: ignore[arg-type] # validated
    )


def write_record(place: Place, record: ErasureRecord) -> None:
    """Keeps the record beside the backups of a place. Raises BackupError or OSError when that cannot be done."""
    file = _File(erasure=record, sha256=_digest(record))
    place.add_erasure(f"{record.id}{SUFFIX}", f"{file.model_dump_json(indent=2)}\n".encode())


def known_records(places: Iterable[Place]) -> list[ErasureRecord]:
    """Those of the database and of the places, each once, in the order of time. Raises BadBackupError."""
    found = {record.id: record for record in map(_of_database, Erasure.objects.all())}
    for place in {str(place): place for place in places}.values():
        for name, data in place.erasures().items():
            record = _parse(name, data)
            found.setdefault(record.id, record)
    return sorted(found.values(), key=lambda record: record.id)


def remember(records: Iterable[ErasureRecord]) -> None:
    """Keeps in the database those that it does not know, which came with backups from elsewhere."""
    Erasure.objects.bulk_create(
        [
            Erasure(
                record=record.id,
                table=record.table,
                row_id=record.row_id,
                erased_at=record.erased_at,
                cleared=record.cleared,
            )
            for record in records
        ],
        ignore_conflicts=True,
    )


def _of_database(erasure: Erasure) -> ErasureRecord:
    return ErasureRecord(
        id=erasure.record,
        table=erasure.table,
        row_id=erasure.row_id,
        erased_at=erasure.erased_at,
        cleared={column: tuple(ids) for column, ids in erasure.cleared.items()},
    )


def _parse(name: str, data: bytes) -> ErasureRecord:
    try:
        record = _File.model_validate_json(data).erasure
    except ValidationError as error:
        message = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BadBackupError(
            f"The record of an erasure {name[:60]!a} is not understood: {message['msg']}. Nothing is restored"
            " that may bring back what was erased."
        ) from error
    if name != f"{record.id}{SUFFIX}":
        raise BadBackupError(f"{name[:60]!a} holds the record of the erasure {record.id}.")
    return record


def _digest(record: ErasureRecord) -> str:
    return hashlib.sha256(record.model_dump_json().encode()).hexdigest()
