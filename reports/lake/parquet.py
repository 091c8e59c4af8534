"""Rows as Parquet files: typed, in bounded pieces, read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hrapi.places.directory import create_file
from reports.datasets.definition import Column, Type
from reports.lake.errors import ExportError
from reports.lake.manifest import FileEntry

ROW_GROUP_ROWS = 64 * 1024
FILE_ROWS = 4 * 1024 * 1024
IS_DELETED = "is_deleted"
_READ_BYTES = 1024 * 1024

_TYPES = {
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.TEXT: pa.string(),
    Type.DATETIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
}


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    return pa.schema(
        [pa.field(column.name, _TYPES[column.type], column.is_nullable) for column in columns]
    )


def schema_of_changes(columns: Sequence[Column]) -> pa.Schema:
    """Of a row that is gone there is the id alone."""
    others = [
        pa.field(column.name, _TYPES[column.type]) for column in columns if column.name != "id"
    ]
    return pa.schema(
        [pa.field("id", pa.int64(), False), *others, pa.field(IS_DELETED, pa.bool_(), False)]
    )


class Parts:
    """Files `part-NNNNN-<id>.parquet` below a directory, one open at a time. Use it as a context."""

    def __init__(self, directory: Path, run: str, schema: pa.Schema) -> None:
        self.files: list[FileEntry] = []
        self._directory = directory
        self._run = run
        self._schema = schema
        self._open: File | None = None
        self._subdirectory = ""

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, kind: Any, *error: Any) -> None:
        if self._open:
            self._close(kind is None)

    def write(self, rows: Sequence[Sequence[Any]], subdirectory: str = "") -> None:
        """Adds rows to the file in the subdirectory, or begins another one there.

        Raises ArrowInvalid or ArrowTypeError for a value that is not of its column's type.
        """
        is_full = self._open and self._open.rows + len(rows) > FILE_ROWS
        if self._open and (is_full or subdirectory != self._subdirectory):
            self._close(True)
        if not self._open:
            number = sum(Path(file.path).parent == Path(subdirectory) for file in self.files)
            directory = self._directory / subdirectory
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = directory / f"part-{number:05}-{self._run}.parquet"
            self._open = File(path, self._schema)
            self._subdirectory = subdirectory
        self._open.write(rows)

    def _close(self, well: bool) -> None:
        file, self._open = self._open, None
        if file is None:
            return
        file.close(well)
        if well:
            path = file.path.relative_to(self._directory).as_posix()
            self.files.append(FileEntry(path=path, rows=file.rows, **read_back(file)))


class File:
    """A new file. Rows wait in columns until there are enough for a row group. `close` it in any case."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.rows = 0
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._waiting = 0
        self._stack = ExitStack()
        sink = self._stack.enter_context(create_file(path))
        # The codec that every reader knows, and a checksum in each page: Parquet has none by itself.
        self._writer = pq.ParquetWriter(
            sink, schema, compression="snappy", write_page_checksum=True
        )

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        values = zip(*rows, strict=True) if rows else [()] * len(self._schema)
        arrays = [
            pa.array(column, field.type) for column, field in zip(values, self._schema, strict=True)
        ]
        for array, field in zip(arrays, self._schema, strict=True):
            if array.null_count and not field.nullable:
                raise ExportError(f"{field.name} holds a null, which it never should.")
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._waiting += len(rows)
        self.rows += len(rows)
        if self._waiting >= ROW_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._batches, self._schema))
        self._batches.clear()
        self._waiting = 0

    def close(self, well: bool) -> None:
        """Ends the file and puts it on disk; if not all went `well`, it is left as it is."""
        try:
            with self._stack:
                if well:
                    self._flush()
                    self._writer.close()
        except OSError:
            if well:
                raise
        finally:
            # Else it would try to end the file when it is collected.
            self._writer.is_open = False


def read_back(file: File) -> dict[str, Any]:
    """Bytes and SHA-256 of a file that reads back. Raises ExportError."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with file.path.open("rb") as written:
        while chunk := written.read(_READ_BYTES):
            digest.update(chunk)
            size += len(chunk)
    for batch in read_batches(file.path):
        rows += batch.num_rows
    if rows != file.rows:
        raise ExportError(f"{file.path.name} reads back with {rows:,} rows, not {file.rows:,}.")
    return {"bytes": size, "sha256": digest.hexdigest()}


def read_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a file, some at a time. Raises ExportError when it is not as it was written."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True, memory_map=False) as file:
            yield from file.iter_batches(columns=columns and list(columns))
    except (pa.ArrowException, OSError) as error:
        raise ExportError(f"{path.name} does not read as it was written.") from error
