"""Writes exports as docs/lake.md lays them out, without the service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reports.lake.manifest import MANIFEST, parse_manifest

_MOMENT = pa.timestamp("us", tz="UTC")
SCHEMAS = {
    "departments": pa.schema({"id": pa.int64(), "department": pa.string()}),
    "jobs": pa.schema({"id": pa.int64(), "job": pa.string()}),
    "employees": pa.schema(
        {
            "id": pa.int64(),
            "datetime": _MOMENT,
            "department_id": pa.int64(),
            "department": pa.string(),
            "job_id": pa.int64(),
            "job": pa.string(),
        }
    ),
}


def run_id(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S.%fZ}-abcdef"


def export(
    lake: Path,
    dataset: str,
    at: datetime,
    rows: Sequence[Mapping[str, Any]],
    *,
    since: datetime | None = None,
    finished: bool = True,
) -> Path:
    """The directory of an export of `rows`, an increment with `since`; columns that a row lacks are null."""
    schema = SCHEMAS[dataset]
    if since:
        schema = schema.append(pa.field("is_deleted", pa.bool_()))
        rows = [{"is_deleted": False, **row} for row in rows]
    table = pa.Table.from_pylist(list(rows), schema)
    return write(lake, dataset, at, [[table]], since=since, finished=finished)


def write(
    lake: Path,
    dataset: str,
    at: datetime,
    files: Iterable[Iterable[pa.Table]],
    *,
    since: datetime | None = None,
    finished: bool = True,
) -> Path:
    """The directory of an export whose files hold these tables."""
    directory = lake / (f"{dataset}-changes" if since else dataset) / f"processed_on={at:%Y-%m-%d}"
    directory.mkdir(parents=True)
    entries = [
        _write_file(directory / f"part-{number:05}-{run_id(at)}.parquet", tables)
        for number, tables in enumerate(files)
    ]
    if finished:
        manifest = {
            "format": 1,
            "id": run_id(at),
            "dataset": dataset,
            "kind": "incremental" if since else "full",
            "since": run_id(since) if since else None,
            "processed_on": f"{at:%Y-%m-%d}",
            "snapshot_at": at.isoformat().replace("+00:00", "Z"),
            "snapshot": None,
            "version": "1.0.0",
            "files": entries,
        }
        (directory / MANIFEST).write_text(json.dumps(manifest))
    return directory


def _write_file(path: Path, tables: Iterable[pa.Table]) -> dict[str, Any]:
    """What a manifest says of the file."""
    rows = 0
    with ExitStack() as stack:
        writer = None
        for table in tables:
            writer = writer or stack.enter_context(pq.ParquetWriter(path, table.schema))
            writer.write_table(table)
            rows += table.num_rows
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path.name, "rows": rows, "bytes": path.stat().st_size, "sha256": digest}


def rows_of(lake: Path, dataset: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """What is published of a dataset by year on its only day, in the order of its files, which are one a year."""
    [day] = (lake / dataset).iterdir()
    manifest = parse_manifest((day / MANIFEST).read_bytes(), str(day))
    assert str(lake / manifest.directory) == str(day)
    assert {str(path.relative_to(day)) for path in day.rglob("*.parquet")} == {
        file.path for file in manifest.files
    }
    rows: list[tuple[Any, ...]] = []
    for file in manifest.files:
        data = (day / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        found = pq.read_table(day / file.path, partitioning=None).to_pylist()
        assert file.rows == len(found)
        year = {"year": int(file.path[5:9])} if file.path.startswith("year=") else {}
        rows += [tuple((year | row)[column] for column in columns) for row in found]
    assert manifest.rows == len(rows)
    assert [column.name for column in manifest.columns if column.name in columns] == list(columns)
    return rows
