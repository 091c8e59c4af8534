"""A table is described in four places: row schema, serializer, model, filters. They say the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import resolve, reverse

from hrapi.backups.stored import Kind, StoredTable, stored_tables
from hrapi.ingestion.sent import SentRow
from hrapi.ingestion.validation import validate_rows
from hrapi.model_fields import BROUGHT_BY
from hrapi.tables import Table, all_tables

TABLES = [pytest.param(table, id=table.name) for table in all_tables()]

DICTIONARY = {
    "departments": ["id", "department"],
    "jobs": ["id", "job"],
    "employees": ["id", "name", "datetime", "department_id", "job_id"],
}


def view_of(table: Table) -> Any:
    return resolve(reverse(f"{table.name}-list")).func.cls  # type: ignore[attr-defined]


def columns_of(table: Table) -> list[Any]:
    return [field for field in table.model._meta.concrete_fields if field.column not in BROUGHT_BY]


def test_every_table_is_registered_those_referred_to_first() -> None:
    assert [table.name for table in all_tables()] == ["departments", "jobs", "employees"]


@pytest.mark.parametrize("table", TABLES)
def test_schema_serializer_and_model_have_the_fields_of_the_dictionary_in_its_order(
    table: Table,
) -> None:
    fields = DICTIONARY[table.name]

    assert list(table.fields) == fields
    assert list(view_of(table).serializer_class().fields) == fields
    assert sorted(column.column for column in columns_of(table)) == sorted(fields)
    assert [
        c.column for c in columns_of(table) if c.column in fields and c.column != "id"
    ] == fields[1:]


@pytest.mark.parametrize("table", TABLES)
def test_who_may_see_personal_fields_is_a_permission_of_the_table(table: Table) -> None:
    own = [name for name, _ in table.model._meta.permissions]

    assert table.personal_fields == (("name",) if table.name == "employees" else ())
    assert own == (["view_names"] if table.personal_fields else [])


@pytest.mark.parametrize("table", TABLES)
def test_a_batch_is_remembered_but_is_no_field(table: Table) -> None:
    assert set(BROUGHT_BY) < {field.column for field in table.model._meta.concrete_fields}
    assert set(BROUGHT_BY).isdisjoint(table.fields)


@pytest.mark.parametrize("table", TABLES)
def test_limits_are_the_same_in_serializer_schema_and_model(table: Table) -> None:
    serializer = view_of(table).serializer_class()
    schema = table.row.model_json_schema()["properties"]
    for column in columns_of(table):
        shown = serializer.fields[column.column]
        assert shown.required
        assert not column.null
        if isinstance(column, models.CharField):
            assert (
                column.max_length == shown.max_length == schema[column.column]["maxLength"] == 255
            )
        elif schema[column.column]["type"] == "integer":
            assert shown.min_value == schema[column.column]["minimum"] == 1
            assert shown.max_value == schema[column.column]["maximum"] == 2**53 - 1
        else:
            assert schema[column.column]["format"] == "date-time"


@pytest.mark.parametrize("table", TABLES)
def test_every_field_but_the_id_is_described(table: Table) -> None:
    described = {name for name, info in table.row.model_fields.items() if info.description}

    assert described == set(table.fields)


@pytest.mark.parametrize("table", TABLES)
def test_the_example_rows_are_good_rows(table: Table) -> None:
    assert len(table.example_rows) == 2
    for row in table.example_rows:
        [checked] = validate_rows(table, [SentRow(0, None, row, row)])
        assert not checked.faults
        assert checked.values is not None


@pytest.mark.parametrize("table", TABLES)
def test_a_filter_is_named_after_a_field_or_says_what_it_does(table: Table) -> None:
    filters = view_of(table).filterset_class.base_filters

    assert filters
    for name, each in filters.items():
        assert each.field_name in {column.column for column in columns_of(table)}
        assert name == each.field_name or each.extra.get("help_text"), name


@pytest.mark.parametrize("table", TABLES)
def test_a_filter_that_compares_says_so_in_its_help(table: Table) -> None:
    filters = view_of(table).filterset_class.base_filters

    silent = [
        name
        for name, each in filters.items()
        if each.lookup_expr != "exact" and not each.extra.get("help_text", "").endswith(".")
    ]

    assert silent == []


def test_references_are_read_from_the_model_in_the_order_of_the_fields() -> None:
    [_, _, employees] = all_tables()

    assert [
        (reference.field, reference.table, reference.noun, reference.code.value)
        for reference in employees.references
    ] == [
        ("department_id", "departments", "department", "unknown_department"),
        ("job_id", "jobs", "job", "unknown_job"),
    ]


@pytest.mark.parametrize("table", stored_tables(), ids=lambda table: table.name)
def test_a_backup_has_every_column_of_the_model(table: StoredTable) -> None:
    [model] = [model for model in apps.get_models() if model._meta.db_table == table.db_table]
    columns = {field.column: field for field in model._meta.concrete_fields}

    assert sorted(column.db_column for column in table.columns) == sorted(columns)
    assert table.columns[0].name == "id"
    later = {c.db_column for c in table.columns if c.kind in (Kind.LATER_LIST, Kind.LATER_COUNT)}
    assert {c.db_column: c.nullable and c.db_column not in later for c in table.columns} == {
        name: field.null for name, field in columns.items()
    }
    assert all(column.doc for column in table.columns)
    assert {reference.column for reference in table.references} == {
        field.column
        for field in columns.values()
        if field.remote_field
        and field.db_constraint
        and field.remote_field.model._meta.db_table != "auth_user"
    }
    assert [field["name"] for field in table.schema["fields"]] == [c.name for c in table.columns]


@pytest.mark.parametrize("table", TABLES)
def test_a_backup_has_the_fields_of_the_row_schema_in_their_order(table: Table) -> None:
    [stored] = [stored for stored in stored_tables() if stored.name == table.name]

    assert [column.name for column in stored.columns] == [*table.fields, *BROUGHT_BY]
    assert [column.doc for column in stored.columns[: -len(BROUGHT_BY)]] == [
        field.description for field in table.row.model_fields.values()
    ]
