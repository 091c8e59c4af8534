"""The registered tables as datasets: their fields, and beside each id of another table the name it stands for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hrapi.ingestion.fields import MAX_TEXT_LENGTH
from hrapi.tables import Table, get_table
from reports.datasets.definition import Column, Dataset, Type

_TYPES: dict[Any, Type] = {int: Type.INTEGER, str: Type.TEXT, datetime: Type.DATETIME}


def table_dataset(table: Table) -> Dataset:
    """The table's rows by id."""
    references = {reference.field: get_table(reference.table) for reference in table.references}
    columns: list[Column] = []
    selected: list[str] = []
    for name in table.fields:
        columns.append(_column(table, name))
        selected.append(f"{table.db_table}.{name}")
        if name in references:
            other = references[name]
            columns.append(_column(other, _name_field(other)))
            selected.append(f"{other.db_table}.{_name_field(other)}")
    joins = "".join(
        f"\n    JOIN {other.db_table} ON {other.db_table}.id = {table.db_table}.{field}"
        for field, other in references.items()
    )
    return Dataset(
        name=table.name,
        title=table.name.capitalize(),
        description=f"The {table.name}, one a row.",
        columns=tuple(columns),
        key=("id",),
        # Names of models.
        query=f"\n    SELECT {', '.join(selected)}\n    FROM {table.db_table}{joins}",  # noqa: S608  # nosec B608
        permission=f"{table.model._meta.app_label}.view_{table.singular}",
        sources=frozenset({table.db_table, *(other.db_table for other in references.values())}),
        leaves_out=table.name,
    )


def _name_field(table: Table) -> str:
    """The field that names a row to people: the one after the id."""
    return table.fields[1]


def _column(table: Table, name: str) -> Column:
    field = table.row.model_fields[name]
    return Column(
        name,
        _TYPES[field.annotation],
        field.description or "",
        personal_to=table.name if name in table.personal_fields else "",
        max_length=MAX_TEXT_LENGTH if field.annotation is str else 0,
    )
