"""Avro files of tables: written with hashes, walked block by block, decoded."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, cast

import fastavro
from fastavro.write import Writer

from hrapi.backups.errors import BackupError, BadBackupError, UnreadableError
from hrapi.backups.stored import Column, StoredTable
from hrapi.places.directory import create_file

CODECS = ("deflate", "null", "snappy", "zstandard")
BLOCK_BYTES = 64 * 1024
_READ_BYTES = 1024 * 1024


# Moments stay the microseconds that they are in the file: the database makes them times, several times faster.
fastavro.read.LOGICAL_READERS["long-timestamp-micros"] = lambda microseconds, *schemas: microseconds


@dataclass(frozen=True)
class FileFacts:
    """What a file is known by. `content_sha256` is that of its rows, whatever the codec and the blocks."""

    rows: int
    bytes: int
    sha256: str
    content_sha256: str


class _Hashed:
    """A file that hashes what is written to it, or read of it, from its beginning on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self._take(data)
        return self._file.write(data)

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._take(data)
        return data

    def _take(self, data: bytes) -> None:
        self._digest.update(data)
        self.bytes += len(data)

    def flush(self) -> None:
        self._file.flush()

    def seekable(self) -> bool:
        return False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def check(self, path: Path, sha256: str) -> None:
        """Raises BadBackupError when that is not the hash."""
        if self.sha256 != sha256:
            raise BadBackupError(
                f"{path.name} has been changed or damaged: its SHA-256 is another."
            )


def write_table(
    path: Path, table: StoredTable, chunks: Iterable[Sequence[tuple[Any, ...]]], *, codec: str
) -> FileFacts:
    """Write the rows to a new file, read it back, and return its facts.

    Raises OSError, BackupError when it reads back otherwise, ValueError for a value that
    is not of its column's type.
    """
    names = [column.name for column in table.columns]
    written = 0
    with create_file(path) as file:
        hashed = _Hashed(file)
        writer = Writer(
            cast(IO[bytes], hashed), table.schema, codec=codec, sync_interval=BLOCK_BYTES
        )
        for rows in chunks:
            _check_types(table, rows)
            for row in rows:
                writer.write(dict(zip(names, row)))  # noqa: B905 - the query has these columns
            written += len(rows)
        writer.flush()
    try:
        facts = read_facts(path)
    except BadBackupError as error:
        raise BackupError(f"What was written does not read back: {error}") from error
    if (facts.rows, facts.bytes, facts.sha256) != (written, hashed.bytes, hashed.sha256):
        raise BackupError(f"{path.name} reads back other than it was written.")
    return facts


def _check_types(table: StoredTable, rows: Sequence[tuple[Any, ...]]) -> None:
    # fastavro would write True and 1.9 as a long.
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=False):
        kinds = set(map(type, values)) - {_kind_of(column)}
        if kinds - ({type(None)} if column.nullable else set()):
            raise ValueError(f"{table.name}.{column.name} holds values of other types.")


def _kind_of(column: Column) -> type:
    return column.kind.value.python


def read_facts(path: Path, *, sha256: str | None = None) -> FileFacts:
    """Read a whole file, block by block.

    Raises BadBackupError when it is not readable Avro. With `sha256`, nothing is decoded of another file.
    """
    with open_file(path) as file:
        hashed = _Hashed(file)
        while hashed.read(_READ_BYTES):
            pass
        if sha256:
            hashed.check(path, sha256)
        file.seek(0)
        content = hashlib.sha256()
        rows = 0
        with _as_bad(path):
            block: Any
            for block in fastavro.block_reader(file):
                if block.num_records < 0:
                    raise ValueError("A block has less than no rows.")
                rows += block.num_records
                content.update(block.bytes_.getbuffer())
    return FileFacts(rows, hashed.bytes, hashed.sha256, content.hexdigest())


def read_header(path: Path) -> tuple[Any, str]:
    """The schema that a file was written with, as it stands there, and the codec."""
    with open_file(path) as file, _as_bad(path):
        metadata = fastavro.block_reader(file).metadata
        return json.loads(metadata["avro.schema"]), metadata.get("avro.codec", "null")


def read_rows(path: Path, table: StoredTable, *, sha256: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a file, with the columns that the table has now; moments are microseconds.

    Raises BadBackupError when it is not readable Avro, or at its end when it was not the file of this SHA-256.
    """
    pick: Any = itemgetter(*(column.name for column in table.columns))
    written, _ = read_header(path)
    # To resolve schemas takes twice the time, also when they are the same.
    reader_schema = None if written == table.schema else table.schema
    with open_file(path) as file, _as_bad(path):
        hashed = _Hashed(file)
        reader: Any = fastavro.reader(cast(IO[bytes], hashed), reader_schema=reader_schema)
        yield from map(pick, reader)
        hashed.check(path, sha256)


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """A regular file, not through a link. Raises BadBackupError for anything else, or UnreadableError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        kind = UnreadableError if isinstance(error, PermissionError) else BadBackupError
        raise kind(f"{path.name} cannot be read: {error.strerror}.") from error
    # Not by os.fdopen at once: of a directory it makes no file, and leaves the descriptor open.
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadBackupError(f"{path.name} is not a file.")
    with os.fdopen(descriptor, "rb") as file:
        yield file


@contextmanager
def _as_bad(path: Path) -> Iterator[None]:
    # Damaged bytes make fastavro raise anything.
    try:
        yield
    except (BackupError, OSError, GeneratorExit):
        raise
    except Exception as error:
        raise BadBackupError(f"{path.name} is not readable Avro.") from error
