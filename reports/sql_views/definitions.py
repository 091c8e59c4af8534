"""Every dataset as a view of the database, for tools that read SQL: its statements, made from its definition."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from psycopg2 import sql

from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.reading import query_of
from reports.datasets.registry import all_datasets

SCHEMA = "reporting"
NAMES_SCHEMA = "reporting_names"
"""Here are the datasets that hold names of people, with the names; in the other schema they are without."""

MADE_BY = "Made by migrate."
"""So ends the comment on each of our views: what others put into the schemas is left alone."""

_ABOUT = {
    SCHEMA: "Datasets of the hiring data, without names of people.",
    NAMES_SCHEMA: "The datasets of the schema reporting that hold names of people, with the names.",
}
_TYPES = {
    Type.INTEGER: "bigint",
    Type.NUMBER: "double precision",
    Type.TEXT: "text",
    Type.DATETIME: "timestamptz",
    Type.DATE: "date",
}


@dataclass(frozen=True)
class View:
    """A dataset with these of its columns, as a view in a schema."""

    schema: str
    dataset: Dataset
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """`reporting.quarterly_hires`"""
        return f"{self.schema}.{self.dataset.view_name}"

    @cached_property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.dataset.view_name)

    def statements(self) -> Iterator[sql.Composable]:
        """Make the view and say what it is. The types stay, whatever becomes of the columns of tables."""
        columns = [
            sql.SQL("{name}::{type} AS {name}").format(
                name=sql.Identifier(column.name), type=sql.SQL(_TYPES[column.type])
            )
            for column in self.columns
        ]
        yield sql.SQL("CREATE VIEW {} AS SELECT {} FROM ({}) AS dataset").format(
            self.identifier, sql.SQL(", ").join(columns), query_of(self.dataset)
        )
        key = ", ".join(self.dataset.key)
        about = f"{self.dataset.title}. {self.dataset.description} Key: {key}. {MADE_BY}"
        yield sql.SQL("COMMENT ON VIEW {} IS {}").format(self.identifier, sql.Literal(about))
        for column in self.columns:
            yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(
                sql.Identifier(self.schema, self.dataset.view_name, column.name),
                sql.Literal(column.description),
            )


@cache
def all_views() -> tuple[View, ...]:
    found: list[View] = []
    for dataset in all_datasets():
        impersonal = tuple(column for column in dataset.columns if not column.personal_to)
        found.append(View(SCHEMA, dataset, impersonal))
        if dataset.has_names:
            found.append(View(NAMES_SCHEMA, dataset, dataset.columns))
    return tuple(found)


def view_of(dataset: Dataset, columns: Sequence[Column]) -> str:
    """The name of the view with just these columns, which are those that somebody may see of the dataset."""
    schema = NAMES_SCHEMA if any(column.personal_to for column in columns) else SCHEMA
    return f"{schema}.{dataset.view_name}"


@cache
def schema_comments() -> dict[str, str]:
    """What is said of each schema; it tells also which definition its views were made from."""
    parts = [repr(statement) for view in all_views() for statement in view.statements()]
    version = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    return {schema: f"{about} Definition {version}." for schema, about in _ABOUT.items()}
