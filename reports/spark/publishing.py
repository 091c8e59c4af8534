"""Reports are written as full exports of their own, as docs/lake.md lays them out: whole, or not at all."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 (its usual name)

from reports.spark.places import MANIFEST, Place, literally

_UNFINISHED = "_unfinished-"
_TYPES = {
    "int": "integer",
    "bigint": "integer",
    "double": "number",
    "string": "text",
    "date": "date",
}


@dataclass(frozen=True)
class Run:
    """What is written under one id and published together. `directory` is where it lies until then."""

    spark: SparkSession
    place: Place
    id: str

    @property
    def directory(self) -> str:
        return f"{_UNFINISHED}{self.id}"


@contextmanager
def new_run(spark: SparkSession, place: Place) -> Iterator[Run]:
    """A run whose unfinished files go with the block, and with it those of runs that were killed."""
    place.remove_old(_UNFINISHED)
    run = Run(spark, place, f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}")
    try:
        place.make(run.directory)
        yield run
    finally:
        place.remove(run.directory)


def write(run: Run, name: str, frame: DataFrame, source: Mapping[str, Any]) -> dict[str, Any]:
    """Writes a report, a file for each `year` in the order of its rows there; the manifest of it.

    `source` is the manifest of an export that it was made of: the report is of that moment.
    """
    directory = f"{run.directory}/{name}"
    frame.write.partitionBy("year").parquet(f"{run.place}/{directory}")
    if not any(found.startswith("year=") for found in run.place.names(directory)):
        # Still a file that has the columns, as deep as those of other days.
        year = datetime.fromisoformat(source["snapshot_at"]).astimezone(UTC).year
        frame.drop("year").write.parquet(f"{run.place}/{directory}/year={year}")
    files = _named(run, directory)
    return {
        **source,
        "id": run.id,
        "dataset": name,
        "kind": "full",
        "since": None,
        "rows": sum(file["rows"] for file in files),
        "partitioned_by": "year",
        "columns": [
            {"name": name, "type": _TYPES[kind], "nullable": False} for name, kind in frame.dtypes
        ],
        "files": files,
    }


def publish(run: Run, manifests: list[dict[str, Any]]) -> list[str]:
    """Gives reports their places, each in that of an earlier one of the same day; their directories."""
    published = []
    with run.place.alone():
        for manifest in manifests:
            directory = f"{manifest['dataset']}/processed_on={manifest['processed_on']}"
            run.place.remove(directory)
            run.place.rename(f"{run.directory}/{manifest['dataset']}", directory)
            # Last: without it, it is no export.
            run.place.write(f"{directory}/{MANIFEST}", json.dumps(manifest, indent=2) + "\n")
            published.append(f"{run.place}/{directory}")
    return published


def _named(run: Run, directory: str) -> list[dict[str, Any]]:
    """What a manifest says of the Parquet files in a directory, after they have got the names of an export."""
    path = f"{run.place}/{directory}"
    name = F.regexp_extract("path", rf"/{run.directory}/[^/]+/(.+)$", 1).alias("name")
    contents = (
        run.spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .load(literally(path))
    )
    files = contents.select(name, "length", F.sha2("content", 256)).collect()
    rows = (
        run.spark.read.parquet(literally(path))
        .groupBy(F.col("_metadata.file_path").alias("path"))
        .count()
    )
    counts = {row["name"]: row["count"] for row in rows.select(name, "count").collect()}
    named = []
    for number, (old, length, sha256) in enumerate(sorted(files)):
        new = f"{old[: old.rfind('/') + 1]}part-{number:05}-{run.id}.parquet"
        run.place.rename(f"{directory}/{old}", f"{directory}/{new}")
        named.append({"path": new, "rows": counts.get(old, 0), "bytes": length, "sha256": sha256})
    return named
