"""Which exports are read: what manifests say decides."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from reports.spark.errors import SparkReportsError
from reports.spark.lake import newest_moment
from reports.spark.places import address_of

TABLES = ("jobs", "employees")


@dataclass
class Lake:
    """Exports by their datasets: `(day, since)`, full without `since`. `damage` is in each manifest."""

    exports: dict[str, list[tuple[int, int | None]]]
    damage: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "lake"

    def manifests(self, directory: str) -> dict[str, str]:
        dataset = directory.removesuffix("-changes")
        return {
            f"{directory}/processed_on=2026-11-{day:02}": json.dumps(
                {
                    "format": 1,
                    "id": f"run-{day}",
                    "kind": "incremental" if since else "full",
                    "since": since and f"run-{since}",
                    "processed_on": f"2026-11-{day:02}",
                    "snapshot_at": f"2026-11-{day:02}T00:00:00Z",
                    "files": [{"path": "part.parquet", "bytes": 1, "sha256": "00"}],
                    **self.damage,
                }
            )
            for day, since in self.exports.get(dataset, [])
            if directory.endswith("-changes") == (since is not None)
        }


@pytest.mark.parametrize(
    "employees, jobs, read",
    [
        pytest.param([(1, None)], [(1, None)], [1], id="one full export"),
        pytest.param([(1, None), (2, None)], [(1, None), (2, None)], [2], id="the newer of two"),
        pytest.param(
            [(1, None), (2, None)], [(1, None)], [1], id="not the newer one, of one table alone"
        ),
        pytest.param(
            [(1, None), (2, 1), (3, 2)], [(1, None), (2, 1), (3, 2)], [1, 2, 3], id="increments"
        ),
        pytest.param(
            [(1, None), (2, 1), (3, 2)], [(1, None), (2, 1)], [1, 2], id="increments of one moment"
        ),
        pytest.param(
            [(1, None), (2, 1), (3, None), (4, 3)],
            [(4, None)],
            [3, 4],
            id="increments that go on from the newest full export",
        ),
    ],
)
def test_the_newest_moment_of_all_tables_is_read(
    employees: list[tuple[int, int | None]], jobs: list[tuple[int, int | None]], read: list[int]
) -> None:
    lake: Any = Lake({"employees": employees, "jobs": jobs})

    chain = newest_moment(lake, TABLES)["employees"]

    directories = ["employees", *["employees-changes"] * (len(read) - 1)]
    assert [*chain.full.files, *(file for export in chain.increments for file in export.files)] == [
        f"lake/{directory}/processed_on=2026-11-{day:02}/part.parquet"
        for directory, day in zip(directories, read, strict=True)
    ]


@pytest.mark.parametrize(
    "lake, said",
    [
        (Lake({}), "no finished export of jobs, employees of one moment"),
        (Lake({"jobs": [(1, None)], "employees": [(2, None)]}), "of one moment"),
        (
            Lake({"jobs": [(3, None)], "employees": [(1, None), (3, 2)]}),
            "The increment run-3 of employees goes on from run-2, which is not there",
        ),
        (
            Lake({"jobs": [(1, None)], "employees": [(1, 2), (2, 1)]}),
            "The increment run-1 of employees goes on from run-2, which is not there",
        ),
        (
            Lake({"jobs": [(1, None)], "employees": [(1, None)]}, {"format": 2}),
            "jobs/processed_on=2026-11-01 has a format that is not known here: 2",
        ),
    ],
)
def test_what_cannot_be_read_is_said(lake: Any, said: str) -> None:
    with pytest.raises(SparkReportsError, match=said):
        newest_moment(lake, TABLES)


@pytest.mark.parametrize(
    "damage",
    [
        {"id": None},
        {"kind": "other"},
        {"since": 1},
        {"snapshot_at": "noon"},
        {"snapshot_at": "2026-11-01T00:00:00"},
        # It would be the name of what is replaced.
        {"processed_on": "../../.."},
        {"processed_on": "2026-11-02"},
        {"files": []},
        {"files": None},
        {"files": [{"path": "part.parquet"}]},
        {"files": [{"path": "../../part.parquet", "bytes": 1, "sha256": "00"}]},
        {"files": [{"path": "part.parquet", "bytes": 1, "sha256": "00"}] * 2},
    ],
)
def test_a_manifest_that_cannot_be_is_damaged(damage: dict[str, Any]) -> None:
    lake: Any = Lake({"jobs": [(1, None)], "employees": [(1, None)]}, damage)

    with pytest.raises(SparkReportsError, match=r"lake/.+/_manifest\.json is damaged"):
        newest_moment(lake, TABLES)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "{}"])
def test_what_is_no_manifest_is_damaged(text: str) -> None:
    class Torn(Lake):
        def manifests(self, directory: str) -> dict[str, str]:
            return dict.fromkeys(super().manifests(directory), text)

    lake: Any = Torn({"jobs": [(1, None)], "employees": [(1, None)]})

    with pytest.raises(SparkReportsError, match=r"_manifest\.json is damaged"):
        newest_moment(lake, TABLES)


@pytest.mark.parametrize(
    "place, address",
    [
        ("/srv/my lake", "file:///srv/my lake"),
        ("s3://bucket/a/", "s3a://bucket/a"),
        ("hdfs://host/lake", "hdfs://host/lake"),
    ],
)
def test_places_are_named_as_spark_names_them(place: str, address: str) -> None:
    assert address_of(place) == address


@pytest.mark.parametrize("place", ["", "s3:bucket", "s3:/bucket"])
def test_a_slip_is_no_place(place: str) -> None:
    with pytest.raises(SparkReportsError, match="is no place: name a directory"):
        address_of(place)
