"""`$metadata` describes what is answered."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from reports.datasets.registry import all_datasets, get_dataset
from reports.odata.metadata import EDM_TYPES
from tests.reports.datasets.rows import store_random_rows
from tests.reports.odata.asking import ask, body, rows

pytestmark = pytest.mark.django_db

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"


def schema(client: Any) -> ElementTree.Element:
    root = ElementTree.fromstring(ask(client, "$metadata").content)
    assert root.tag == f"{EDMX}Edmx"
    assert root.get("Version") == "4.0"
    [found] = root.findall(f"{EDMX}DataServices/{EDM}Schema")
    return found


def properties(client: Any, name: str) -> dict[str, ElementTree.Element]:
    [entity_type] = schema(client).findall(f"{EDM}EntityType[@Name='{name}']")
    return {str(each.get("Name")): each for each in entity_type.findall(f"{EDM}Property")}


def test_there_is_a_type_and_a_set_for_each_dataset(api: Any) -> None:
    found = schema(api)
    [container] = found.findall(f"{EDM}EntityContainer")

    names = [dataset.set_name for dataset in all_datasets()]
    assert [each.get("Name") for each in found.findall(f"{EDM}EntityType")] == names
    assert [(each.get("Name"), each.get("EntityType")) for each in container] == [
        (name, f"HiringData.{name}") for name in names
    ]
    assert [each["name"] for each in body(api, "")["value"]] == names


def test_types_keys_and_descriptions_are_those_of_the_definition(api: Any) -> None:
    for dataset in all_datasets():
        [entity_type] = schema(api).findall(f"{EDM}EntityType[@Name='{dataset.set_name}']")
        keys = entity_type.findall(f"{EDM}Key/{EDM}PropertyRef")
        assert tuple(each.get("Name") for each in keys) == dataset.key
        found = properties(api, dataset.set_name)
        assert list(found) == [column.name for column in dataset.columns]
        for column in dataset.columns:
            element = found[column.name]
            assert element.get("Type") == EDM_TYPES[column.type]
            assert element.get("Nullable") == (None if column.is_nullable else "false")
            [annotation] = element
            assert annotation.get("Term") == "Core.Description"
            assert annotation.get("String") == column.description


def test_what_is_known_of_values_is_told(api: Any) -> None:
    employees = properties(api, "Employees")

    assert employees["name"].get("MaxLength") == "255"
    assert employees["datetime"].get("Precision") == "6"
    assert properties(api, "QuarterlyHires")["job"].get("MaxLength") == "255"
    assert properties(api, "Rejections")["code"].get("MaxLength") is None


def test_values_are_of_the_types_that_are_told(api: Any) -> None:
    store_random_rows(4)
    kinds = {"Edm.Int64": int, "Edm.Double": (int, float)}

    for dataset in all_datasets():
        found = properties(api, dataset.set_name)
        for row in rows(api, dataset.set_name):
            assert list(row) == list(found)
            for name, value in row.items():
                kind = kinds.get(str(found[name].get("Type")), str)
                is_null = value is None and found[name].get("Nullable") is None
                assert is_null or isinstance(value, kind)
                assert len(str(value)) <= int(found[name].get("MaxLength") or 10**6)


def test_who_reads_little_is_told_of_little(client_of: Any) -> None:
    for group, sees in (("readers", False), ("name_readers", True)):
        client = client_of(group)
        types = [each.get("Name") for each in schema(client).findall(f"{EDM}EntityType")]
        assert "Employees" in types
        assert "RejectedRows" not in types
        assert ("name" in properties(client, "Employees")) == sees
    assert len(properties(client, "Employees")) == len(get_dataset("employees").columns)


def test_who_reads_nothing_is_told_of_nothing(client_of: Any) -> None:
    assert [each.tag for each in schema(client_of(""))] == [f"{EDM}EntityContainer"]
