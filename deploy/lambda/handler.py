"""AWS Lambda: pulls datasets through the API, and publishes them in S3 as `export_parquet` does.

The event is `{"datasets": ["employees", …], "bucket": "hr-lake", "prefix": "prod"}`, `prefix` may be missing. The
environment has HRAPI_ADDRESS and HRAPI_TOKEN. docs/lake.md says what differs from `export_parquet`.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pyarrow
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet

import hrapi
from hrapi.client import Client
from hrapi.client.columns import Description, describe
from hrapi.client.parquet import write_parquet

MEMBERS = {"datasets", "bucket", "prefix"}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`{"exports": [{"directory": "employees/processed_on=…", "rows": 1929}, …]}`; what fails is raised."""
    datasets, bucket, prefix = places_of(event)
    s3 = boto3.client("s3", endpoint_url=os.environ.get("S3_ENDPOINT_URL") or None)
    exports = []
    with Client(os.environ["HRAPI_ADDRESS"], os.environ["HRAPI_TOKEN"]) as client:
        for dataset in datasets:
            with tempfile.TemporaryDirectory() as directory:
                manifest = export(client, dataset, Path(directory))
                place = f"{dataset}/processed_on={manifest['processed_on']}"
                publish(s3, bucket, f"{prefix}{place}/", Path(directory), manifest)
            exports.append({"directory": place, "rows": manifest["rows"]})
    return {"exports": exports}


def places_of(event: Any) -> tuple[list[str], str, str]:
    """Datasets, bucket, and the prefix with a slash at its end or empty. Raises ValueError, before any work."""
    match event:
        case {"datasets": [_, *_] as datasets, "bucket": str(bucket)} if {*event} <= MEMBERS:
            prefix = event.get("prefix") or ""
            if isinstance(prefix, str):
                prefix = prefix.strip("/")
                return datasets, bucket, f"{prefix}/" if prefix else ""
    raise ValueError(
        'The event is to be like {"datasets": ["employees"], "bucket": "hr-lake", "prefix": "prod"}.'
    )


def export(client: Client, dataset: str, directory: Path) -> dict[str, Any]:
    """Writes the files of a dataset below a directory, and returns the manifest."""
    # The rows are of one moment, not before this one.
    asked_at = datetime.now(UTC)
    run = f"{asked_at:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"
    description = describe(client, dataset)
    whole = directory / "whole"
    with whole.open("wb") as file:
        write_parquet(file, description, client.rows(dataset))
    year = year_column(description)
    if year:
        write_by_year(whole, year, directory, today=asked_at.year)
        whole.unlink()
    else:
        whole.rename(directory / "0.parquet")
    files = []
    for path in sorted(directory.rglob("*.parquet")):
        number = int(path.stem)
        path = path.rename(path.with_name(f"part-{number:05}-{run}.parquet"))
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        files.append(
            {
                "path": path.relative_to(directory).as_posix(),
                "rows": pyarrow.parquet.read_metadata(path).num_rows,
                "bytes": path.stat().st_size,
                "sha256": digest,
            }
        )
    return {
        "format": 1,
        "id": run,
        "dataset": dataset,
        "kind": "full",
        "since": None,
        "processed_on": asked_at.date().isoformat(),
        "snapshot_at": asked_at.isoformat(),
        "snapshot": None,
        "version": hrapi.__version__,
        "rows": sum(file["rows"] for file in files),
        "partitioned_by": "year" if year else None,
        "columns": [
            {"name": column.name, "type": column.type, "nullable": column.is_nullable}
            for column in description.columns
        ],
        "files": files,
    }


def year_column(description: Description) -> str | None:
    """The column that says of which year a row is: `year`, else the first moment or day."""
    names = [column.name for column in description.columns]
    dated = [column.name for column in description.columns if column.type in {"datetime", "date"}]
    return "year" if "year" in names else next(iter(dated), None)


def write_by_year(whole: Path, column: str, directory: Path, *, today: int) -> None:
    """The rows of a file into files `year=YYYY/N.parquet`; without rows, an empty one of this year."""
    with pyarrow.parquet.ParquetFile(whole) as source:
        others = [field for field in source.schema_arrow if field.name != "year"]
        if not source.metadata.num_rows:
            (directory / f"year={today}").mkdir()
            empty = pyarrow.schema(others).empty_table()
            pyarrow.parquet.write_table(empty, directory / f"year={today}" / "0.parquet")
            return
        schema = pyarrow.schema([*others, pyarrow.field("year", pyarrow.int32())])

        def batches() -> Iterator[pyarrow.RecordBatch]:
            for batch in source.iter_batches():
                years = batch[column] if column == "year" else pyarrow.compute.year(batch[column])
                arrays = [batch[field.name] for field in others]
                yield pyarrow.RecordBatch.from_arrays(
                    [*arrays, years.cast(pyarrow.int32())], schema=schema
                )

        pyarrow.dataset.write_dataset(
            pyarrow.RecordBatchReader.from_batches(schema, batches()),
            directory,
            format="parquet",
            partitioning=pyarrow.dataset.partitioning(
                pyarrow.schema([schema.field("year")]), flavor="hive"
            ),
            basename_template="{i}.parquet",
            existing_data_behavior="overwrite_or_ignore",
            max_partitions=10_000,
            # Hundreds of years may be open at once.
            max_open_files=10_000,
            use_threads=False,
        )


def publish(s3: Any, bucket: str, prefix: str, directory: Path, manifest: dict[str, Any]) -> None:
    """Uploads the files, then the manifest, which makes them an export; then removes what was there before.

    Raises RuntimeError, and publishes nothing, when a run beside it has taken its files for such.
    """
    new = {f"{prefix}{file['path']}": directory / file["path"] for file in manifest["files"]}
    for key, path in new.items():
        s3.upload_file(str(path), bucket, key)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    kept = f"{prefix}_manifest.json"
    if new.keys() - found:
        for key in new:
            s3.delete_object(Bucket=bucket, Key=key)
        raise RuntimeError(
            f"Another run publishes {prefix} too, and has removed files of this one."
        )
    s3.put_object(Bucket=bucket, Key=kept, Body=json.dumps(manifest, indent=2).encode())
    for key in found - {*new, kept}:
        s3.delete_object(Bucket=bucket, Key=key)
