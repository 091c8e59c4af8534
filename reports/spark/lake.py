"""Tables are read from exports here, as docs/lake.md lays them out: the newest moment that all of them have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 (its usual name)

from reports.spark.errors import SparkReportsError
from reports.spark.places import MANIFEST, Place, literally

FORMAT = 1


@dataclass(frozen=True)
class Export:
    """One export of a dataset: what its manifest says, and its files by where they are."""

    manifest: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        return str(self.manifest["id"])

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.manifest["snapshot_at"])


@dataclass(frozen=True)
class Chain:
    """A full export of a dataset and the increments to apply to it, in their order."""

    full: Export
    increments: tuple[Export, ...]

    @property
    def last(self) -> Export:
        return (self.full, *self.increments)[-1]


def newest_moment(place: Place, datasets: Sequence[str]) -> dict[str, Chain]:
    """How to read each dataset as all of them were at one moment, the newest that there is.

    Raises SparkReportsError where they have no moment in common, or an export is missing.
    """
    exports = {dataset: _exports(place, dataset) for dataset in datasets}
    common = set.intersection(*(set(found) for found in exports.values()))
    if not common:
        raise SparkReportsError(
            f"{place} has no finished export of {', '.join(datasets)} of one moment:"
            f" export_parquet {' '.join(datasets)} --to PLACE makes one."
        )
    some = next(iter(exports.values()))
    newest = max(common, key=lambda id_: some[id_].moment)
    return {dataset: _chain(dataset, found, newest) for dataset, found in exports.items()}


def read(spark: SparkSession, chain: Chain, columns: Sequence[str]) -> DataFrame:
    """The rows of a dataset, increments applied: for each id the last one counts. `columns` include `id`."""
    _check_files(spark, chain)
    full = spark.read.parquet(*map(literally, chain.full.files)).select(*columns)
    if not chain.increments:
        return full
    changes = _changes(spark, chain, columns)
    stored = changes.where(~F.col("is_deleted")).select(*columns)
    return full.join(changes, "id", "left_anti").unionByName(stored)


def _check_files(spark: SparkSession, chain: Chain) -> None:
    """Raises SparkReportsError where a file is not the one that its manifest names."""
    files = dict(chain.full.files)
    for export in chain.increments:
        files |= export.files
    contents = spark.read.format("binaryFile").load([*map(literally, files)])
    name = F.substring_index("path", "/", -1)
    found = contents.select(name, "length", F.sha2("content", 256)).collect()
    said = {tuple(row) for row in found}
    for path, file in files.items():
        if (path.rpartition("/")[2], file["bytes"], file["sha256"]) not in said:
            raise SparkReportsError(f"{path} is damaged: make a full export.")


def _changes(spark: SparkSession, chain: Chain, columns: Sequence[str]) -> DataFrame:
    """The last change of each id."""
    numbered = [
        spark.read.parquet(*map(literally, export.files))
        .select(*columns, "is_deleted")
        .withColumn("number", F.lit(number))
        for number, export in enumerate(chain.increments)
    ]
    changes = numbered[0]
    for more in numbered[1:]:
        changes = changes.unionByName(more)
    last = F.max_by(F.struct("*"), "number").alias("last")
    return changes.groupBy("id").agg(last).select("last.*")


def _exports(place: Place, dataset: str) -> dict[str, Export]:
    """All finished exports of a dataset, by their ids."""
    found = {}
    for directory in (dataset, f"{dataset}-changes"):
        for path, text in place.manifests(directory).items():
            export = _parsed(f"{place}/{path}", text)
            found[export.id] = export
    return found


def _parsed(directory: str, text: str) -> Export:
    """Raises SparkReportsError for what is no manifest of an export in this directory."""
    try:
        manifest = json.loads(text)
        if manifest["format"] != FORMAT:
            raise SparkReportsError(
                f"{directory} has a format that is not known here: {manifest['format']!r:.80}."
            )
        moment = datetime.fromisoformat(manifest["snapshot_at"])
        day = date.fromisoformat(manifest["processed_on"])
        files = {f"{directory}/{file['path']}": file for file in manifest["files"]}
        is_right = (
            moment.tzinfo is not None
            and directory.endswith(f"/processed_on={day}")
            and manifest["kind"] in ("full", "incremental")
            and isinstance(manifest["id"], str)
            and isinstance(manifest["since"], str | None)
            and len(files) == len(manifest["files"]) > 0
            and all(".." not in PurePosixPath(name).parts for name in files)
            and all(isinstance(file["bytes"], int) and file["sha256"] for file in files.values())
        )
    except (ValueError, TypeError, LookupError):
        is_right = False
    if not is_right:
        raise SparkReportsError(f"{directory}/{MANIFEST} is damaged: make a full export.")
    return Export(manifest, files)


def _chain(dataset: str, exports: Mapping[str, Export], last: str) -> Chain:
    """Back from the last export to the full one that it goes on from."""
    increments: list[Export] = []
    export = exports[last]
    while export.manifest["kind"] != "full":
        increments.insert(0, export)
        since = export.manifest["since"]
        # Only what was there before it, so that this ends.
        if since not in exports or exports[since].moment >= export.moment:
            raise SparkReportsError(
                f"The increment {export.id} of {dataset} goes on from {since}, which is not there:"
                " make a full export."
            )
        export = exports[since]
    return Chain(export, tuple(increments))
