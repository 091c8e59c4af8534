"""What is exported reads back equal, by other people's readers."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import polars
import pyarrow.dataset
import pyarrow.parquet
import pytest
from pyarrow.fs import S3FileSystem

from reports.datasets.definition import Dataset, Type
from reports.datasets.registry import all_datasets, get_dataset
from reports.lake.services import columns_of
from tests.backups.conftest import S3_KEY, S3_SECRET
from tests.backups.running import ODD_NAMES, delete_everything
from tests.reports.lake.reading import Lake, Rows, on_day, stored_rows

pytestmark = pytest.mark.usefixtures("stored")


def names(dataset: Dataset) -> list[str]:
    return [column.name for column in columns_of(dataset, with_names=True)]


def by_polars(lake: Lake, dataset: Dataset) -> Rows:
    pattern = f"{lake.root}/{dataset.name}/**/*.parquet"
    frame = polars.read_parquet(pattern, hive_partitioning=True)
    assert frame.is_empty() or isinstance(frame["processed_on"][0], date)
    return frame.select(names(dataset)).rows()


def by_duckdb(lake: Lake, dataset: Dataset) -> Rows:
    columns = ", ".join(f'"{name}"' for name in names(dataset))
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        return database.execute(
            f"SELECT {columns} FROM read_parquet('{lake.root}/{dataset.name}/**/*.parquet',"
            " hive_partitioning = true)"
        ).fetchall()


def by_pyarrow(lake: Lake, dataset: Dataset) -> Rows:
    table = pyarrow.dataset.dataset(lake.root / dataset.name, partitioning="hive").to_table()
    assert "processed_on" in table.column_names
    columns = [table[name].to_pylist() for name in names(dataset)]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("reader", [by_polars, by_duckdb, by_pyarrow])
def test_every_dataset_reads_back_equal(directory: Lake, reader: Any) -> None:
    directory.exported("--with-names")

    for dataset in all_datasets():
        expected = stored_rows(dataset, with_names=True)
        assert expected, dataset.name
        found = reader(directory, dataset)
        assert sorted(found, key=repr) == sorted(expected, key=repr), dataset.name


def test_odd_names_and_the_ends_of_years_are_among_them(directory: Lake) -> None:
    directory.exported("employees", "--with-names")

    frame = polars.read_parquet(f"{directory.root}/employees/**/*.parquet", hive_partitioning=True)
    assert set(ODD_NAMES) <= set(frame["name"])
    assert (frame["year"] == frame["datetime"].dt.year()).all()
    assert {1900, 1969, 1970, 2021, 2100} <= set(frame["year"])


def test_out_of_s3_itself(bucket: Any, settings: Any) -> None:
    lake = Lake("s3://hr/hr-lake", bucket / "hr-lake")
    lake.exported("employees", "--with-names")
    server = S3FileSystem(
        access_key=S3_KEY,
        secret_key=S3_SECRET,
        endpoint_override=settings.S3_ENDPOINT_URL,
        region="us-east-1",
    )

    table = pyarrow.dataset.dataset(
        "hr/hr-lake/employees", partitioning="hive", filesystem=server
    ).to_table()

    employees = get_dataset("employees")
    found = zip(*(table[name].to_pylist() for name in names(employees)), strict=True)
    assert sorted(found) == stored_rows(employees, with_names=True)


def test_types_are_those_of_the_datasets(directory: Lake) -> None:
    expected = {
        Type.INTEGER: "int64",
        Type.NUMBER: "double",
        Type.TEXT: "string",
        Type.DATETIME: "timestamp[us, tz=UTC]",
        Type.DATE: "date32[day]",
    }

    for path in directory.exported("--with-names"):
        manifest = directory.manifest(path)
        dataset = get_dataset(manifest["dataset"])
        for file in manifest["files"]:
            schema = pyarrow.parquet.read_schema(directory.root / path / file["path"])
            assert [(field.name, str(field.type), field.nullable) for field in schema] == [
                (column.name, expected[column.type], column.is_nullable)
                for column in dataset.columns
                if column.name != "year"
            ]
        assert [(c["name"], c["type"], c["nullable"]) for c in manifest["columns"]] == [
            (column.name, column.type, column.is_nullable) for column in dataset.columns
        ]


def test_a_dataset_without_rows_has_its_columns(directory: Lake) -> None:
    delete_everything()

    for path in directory.exported():
        table = pyarrow.dataset.dataset(directory.root / path, partitioning="hive").to_table()
        dataset = get_dataset(path.split("/")[0])
        columns = {column.name for column in columns_of(dataset, with_names=False)}
        year = {"year"} if dataset.year_column else set()
        assert (table.num_rows, set(table.column_names)) == (0, columns | year)


@pytest.mark.parametrize("reader", [by_polars, by_duckdb, by_pyarrow])
def test_a_day_without_rows_does_not_keep_the_others_from_being_read(
    directory: Lake, monkeypatch: pytest.MonkeyPatch, reader: Any
) -> None:
    expected = {dataset: stored_rows(dataset, with_names=True) for dataset in all_datasets()}
    directory.exported("--with-names")
    delete_everything()
    on_day(monkeypatch, 1)
    directory.exported("--with-names")

    for dataset, rows in expected.items():
        found = reader(directory, dataset)
        assert sorted(found, key=repr) == sorted(rows, key=repr), dataset.name
