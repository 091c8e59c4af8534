"""The registry of tables: what a table is. Ingestion, loading and backups read it; none names a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.columns import ColumnParser
from hrapi.ingestion.fields import Personal
from hrapi.ingestion.row import Row


@dataclass(frozen=True)
class TableReference:
    """A field of a table that holds the id of a row of another one."""

    field: str
    table: str
    noun: str
    code: RowCode


@dataclass(frozen=True)
class Table:
    """A table that takes rows: its name in addresses and commands, its model and the schema of its rows."""

    name: str
    model: type[models.Model]
    row: type[Row]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of a row in the order of the data dictionary, `id` first. They are column names too."""
        return tuple(self.row.model_fields)

    @cached_property
    def column_parsers(self) -> tuple[ColumnParser, ...]:
        return tuple(ColumnParser(name, field) for name, field in self.row.model_fields.items())

    @cached_property
    def personal_fields(self) -> tuple[str, ...]:
        """Those of the fields that tell who somebody is, as the row schema marks them."""
        return tuple(
            name
            for name, field in self.row.model_fields.items()
            if any(isinstance(entry, Personal) for entry in field.metadata)
        )

    @property
    def names_permission(self) -> str:
        """What it takes to see the personal fields: `employees.view_names`."""
        return f"{self.model._meta.app_label}.view_names"

    @cached_property
    def singular(self) -> str:
        return str(self.model._meta.model_name)

    @cached_property
    def db_table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def example_rows(self) -> list[dict[str, Any]]:
        """Two rows as a client would send them, from the examples in the row schema."""
        columns = [info.examples or [] for info in self.row.model_fields.values()]
        return [
            dict(zip(self.fields, values, strict=True)) for values in zip(*columns, strict=True)
        ]

    @cached_property
    def references(self) -> tuple[TableReference, ...]:
        """The references of the table, read from the foreign keys of its model, in the order of its fields."""
        found = [
            TableReference(
                field=field.column,
                table=field.remote_field.model._meta.db_table,
                noun=field.name,
                code=RowCode(f"unknown_{field.name}"),
            )
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and field.column in self.fields
        ]
        return tuple(sorted(found, key=lambda reference: self.fields.index(reference.field)))


_tables: dict[str, Table] = {}


def register(table: Table) -> None:
    """Called once for each table, from the `ready()` of its app."""
    if table.name in _tables:
        raise ValueError(f"The table {table.name!r} is registered already.")
    _tables[table.name] = table


def get_table(name: str) -> Table:
    return _tables[name]


def all_tables() -> tuple[Table, ...]:
    """Every table, those that others refer to first."""
    return tuple(sorted(_tables.values(), key=lambda table: (len(table.references), table.name)))
