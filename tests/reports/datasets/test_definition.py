"""What readers rely on: names, columns and types never change, they are only added to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.datasets.definition import Dataset
from reports.datasets.registry import all_datasets

GOLDEN = Path(__file__).with_name("columns.json")
EACH = pytest.mark.parametrize("dataset", all_datasets(), ids=lambda dataset: dataset.name)


def test_columns_are_those_of_the_golden_file() -> None:
    """A column that was added is added there by hand: one that is renamed or moved breaks somebody's workbook."""
    assert {
        dataset.name: {
            "key": list(dataset.key),
            "columns": {column.name: column.type.value for column in dataset.columns},
        }
        for dataset in all_datasets()
    } == json.loads(GOLDEN.read_text())


@EACH
def test_every_column_is_described(dataset: Dataset) -> None:
    for column in dataset.columns:
        assert column.description.endswith((".", ")."))
        assert column.name.isidentifier()
        assert column.name == column.name.lower()


@EACH
def test_a_key_is_of_columns_that_everybody_sees_and_that_are_never_null(dataset: Dataset) -> None:
    columns = {column.name: column for column in dataset.columns}
    assert dataset.key
    for name in dataset.key:
        assert not columns[name].is_nullable
        assert not columns[name].personal_to


@pytest.mark.django_db
def test_the_catalogue_has_what_the_user_may_read(client_of: Any) -> None:
    def names(group: str) -> list[str]:
        return [entry["name"] for entry in client_of(group).get("/api/v1/datasets/").json()]

    everything = [dataset.name for dataset in all_datasets()]
    assert names("stewards") == everything
    assert names("readers") == [n for n in everything if n not in ("rejections", "rejected-rows")]
    assert names("") == []


@pytest.mark.django_db
def test_an_entry_of_the_catalogue_leads_to_the_rows_it_describes(client_of: Any) -> None:
    for group in ("readers", "name_readers"):
        client = client_of(group)
        for entry in client.get("/api/v1/datasets/").json():
            response = client.get(entry["url"], {"format": "csv"})
            [header] = b"".join(response.streaming_content).decode().splitlines()
            assert header.split(",") == [column["name"] for column in entry["columns"]]
        [employees] = [
            e for e in client.get("/api/v1/datasets/").json() if e["name"] == "employees"
        ]
        assert ("name" in [c["name"] for c in employees["columns"]]) == (group == "name_readers")
        assert employees["url"] == "http://testserver/api/v1/datasets/employees/"
