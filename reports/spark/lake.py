"""Tables are read from exports here, as docs/lake.md lays them out: the newest moment that all of them have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 (its usual name)

from reports.spark.errors import SparkReportsError
from reports.spark.places import Place

FORMAT = 1


@dataclass(frozen=True)
class Export:
    """One export of a dataset: what its manifest says, and where its files are."""

    manifest: Mapping[str, Any]
    files: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.manifest["id"])


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
    newest = max(common, key=lambda id_: str(some[id_].manifest["snapshot_at"]))
    return {dataset: _chain(dataset, found, newest) for dataset, found in exports.items()}


def read(spark: SparkSession, chain: Chain, columns: Sequence[str]) -> DataFrame:
    """The rows of a dataset, increments applied: for each id the last one counts. `columns` include `id`."""
    full = spark.read.parquet(*chain.full.files).select(*columns)
    if not chain.increments:
        return full
    changes = _changes(spark, chain, columns)
    stored = changes.where(~F.col("is_deleted")).select(*columns)
    return full.join(changes, "id", "left_anti").unionByName(stored)


def _changes(spark: SparkSession, chain: Chain, columns: Sequence[str]) -> DataFrame:
    """The last change of each id."""
    numbered = [
        spark.read.parquet(*export.files)
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
        for path, manifest in place.manifests(directory).items():
            if manifest.get("format") != FORMAT:
                raise SparkReportsError(
                    f"{place}/{path} has a format that is not known here: {manifest.get('format')!r}."
                )
            files = (f"{place}/{path}/{file['path']}" for file in manifest["files"])
            export = Export(manifest, tuple(files))
            found[export.id] = export
    return found


def _chain(dataset: str, exports: Mapping[str, Export], last: str) -> Chain:
    """Back from the last export to the full one that it goes on from."""
    increments: list[Export] = []
    export = exports[last]
    while export.manifest["kind"] != "full":
        increments.insert(0, export)
        since = export.manifest["since"]
        if since not in exports:
            raise SparkReportsError(
                f"The increment {export.id} of {dataset} goes on from {since}, which is not there:"
                " make a full export."
            )
        export = exports[since]
    return Chain(export, tuple(increments))
