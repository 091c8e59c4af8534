"""What a dataset is: one definition, from which every surface is made: JSON, files, OData, views, catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Type(StrEnum):
    """The types that a column can have, the same on every surface."""

    INTEGER = "integer"
    """A whole number within ±(2^53-1)."""
    NUMBER = "number"
    """A double."""
    TEXT = "text"
    DATETIME = "datetime"
    """In UTC, to the microsecond."""
    DATE = "date"
    """A day of UTC."""


@dataclass(frozen=True)
class Column:
    """`personal_to` is the table whose right `view_names` it takes to see the column; empty for no right.

    `max_length` is that of a text, in characters; 0 where there is none. `is_measure` says that its numbers are
    amounts, which can be added up and compared; others are names of things, like years and ids.
    """

    name: str
    type: Type
    description: str
    is_nullable: bool = False
    personal_to: str = ""
    max_length: int = 0
    is_measure: bool = False


class Parameters(StrEnum):
    """What can be asked of a dataset beside its columns."""

    NONE = "none"
    YEARS = "years"
    """`year`, or `from_year` and `to_year`."""
    DAYS = "days"
    """Those of years, `date` or `last_days`, and `zeros`."""


@dataclass(frozen=True)
class Dataset:
    """A set of flat rows. Columns are only ever added, at the end.

    `query` is a SELECT of exactly these columns in this order. What it may hold in braces stands in
    `period.py`. `key` names columns that are never null and differ in any two rows. `order` is SQL over the
    columns, and ends in the key: the order of JSON and files, the same on every server. `sources` are the
    database tables that it reads. `leaves_out` is the table whose open rejected rows are missing in it.
    `counted_by` is a column of which the same thing can have several values: amounts count it once for each.
    `has_ids_of_people` says that a row can tell of one person without a name.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    query: str
    permission: str
    sources: frozenset[str]
    leaves_out: str = ""
    counted_by: str = ""
    order: str = ""
    parameters: Parameters = Parameters.NONE
    has_ids_of_people: bool = False

    @cached_property
    def view_name(self) -> str:
        """Its name in SQL: `quarterly_hires`."""
        return self.name.replace("-", "_")

    @cached_property
    def set_name(self) -> str:
        """Its name in OData: `QuarterlyHires`."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @cached_property
    def sql_order(self) -> str:
        return self.order or ", ".join(f'"{name}"' for name in self.key)

    @property
    def has_ids(self) -> bool:
        """Whether each row is a thing with an id of its own, and not a figure."""
        return self.key == ("id",)

    @cached_property
    def year_column(self) -> Column | None:
        """The column that says of which year a row is: `year`, else the first moment or day."""
        named = (column for column in self.columns if column.name == "year")
        dated = (column for column in self.columns if column.type in {Type.DATETIME, Type.DATE})
        return next(named, None) or next(dated, None)

    @property
    def tables(self) -> frozenset[str]:
        """The tables of the database that an answer is made of, with its header."""
        return self.sources | ({"rejected_rows"} if self.leaves_out else set())

    @property
    def has_names(self) -> bool:
        return any(column.personal_to for column in self.columns)

    @property
    def is_of_people(self) -> bool:
        """Whether a row can be one person, with or without a name."""
        return self.has_names or self.has_ids_of_people
