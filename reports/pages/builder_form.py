"""The inputs of the builder, with what is chosen in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from reports.charts.definition import OF_ROWS, ROLES, Aggregate, ChartType, Palette, Sort
from reports.charts.labels import titled
from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.parameters import NAMES
from reports.pages.builder import (
    ONLY,
    chosen_dataset,
    chosen_type,
    filterable,
    fitting,
    roles_of,
)
from reports.pages.selectors import departments_to_choose, jobs_to_choose

_LABELS = {
    "x": "Along the bottom",
    "x2": "and within that",
    "y": "Amount",
    "color": "A colour for each",
    "line": "A line at the mean of",
}
_LABELS_OF = {
    ChartType.HEATMAP: {"y": "A row for each", "color": "Amount"},
    ChartType.BOX: {"x": "A box for each"},
    ChartType.PIE: {"x": "A slice for each"},
}
_PARAMETERS = {
    "year": ("Year", "number"),
    "from_year": ("From year", "number"),
    "to_year": ("To year", "number"),
    "date": ("Day", "date"),
    "last_days": ("Past days", "number"),
}
_AGGREGATES = {
    "sum": "their sum",
    "count": "their number",
    "mean": "their mean",
    "min": "the least of them",
    "max": "the greatest of them",
}
_SORTS = {"column": "what stands there", "value": "the amounts, largest first"}
_TO_CHOOSE = {"department_id": departments_to_choose, "job_id": jobs_to_choose}


@dataclass(frozen=True)
class Option:
    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Select:
    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True)
class Input:
    name: str
    label: str
    type: str
    value: str


class BuilderForm:
    """The inputs that fit a dataset and a type; `sent` is what stands in them."""

    def __init__(self, sent: QueryDict, datasets: Sequence[Dataset]) -> None:
        self.sent = sent
        self.datasets = datasets
        self.dataset, self.type = chosen_dataset(sent), chosen_type(sent)
        self.measure = ROLES[self.type].measure

    @property
    def query(self) -> str:
        """The address that holds this form."""
        return f"?{self.sent.urlencode()}"

    @property
    def what(self) -> list[Select]:
        return [
            self._select("dataset", "Made of", [(each.name, each.title) for each in self.datasets]),
            self._select("type", "Drawn as", _named(ChartType)),
        ]

    @property
    def columns(self) -> list[Select]:
        found, labels = [], _LABELS | _LABELS_OF.get(self.type, {})
        for name, role, is_optional in roles_of(self.type):
            columns = fitting(self.dataset, self.type, role)
            is_counted = role == self.measure and self._counts_rows
            # A line is of another amount than the bars.
            if len(columns) >= (2 if role == "line" else 1) and not is_counted:
                empty = [("", "–")] if is_optional else []
                options = empty + [(column.name, titled(column)) for column in columns]
                found.append(self._select(name, labels[name], options))
        return found

    @property
    def aggregate(self) -> Select | None:
        """None where each row is drawn as it is."""
        if self.type in OF_ROWS:
            return None
        has_amounts = fitting(self.dataset, self.type, self.measure)
        known = list(Aggregate) if has_amounts else [Aggregate.COUNT]
        return self._select("aggregate", "Rows of one place become", _named(known, _AGGREGATES))

    @property
    def shown_columns(self) -> list[Option]:
        """Of a table; none of others."""
        if self.type is not ChartType.TABLE:
            return []
        columns = fitting(self.dataset, self.type, "columns")
        return self._select("columns", "", [(each.name, titled(each)) for each in columns]).options

    @property
    def parameters(self) -> list[Input]:
        return [
            Input(name, *_PARAMETERS[name], self.sent.get(name, ""))
            for name in NAMES[self.dataset.parameters]
            if name in _PARAMETERS
        ]

    @property
    def takes_zeros(self) -> bool:
        return "zeros" in NAMES[self.dataset.parameters]

    @property
    def zeros(self) -> bool:
        return "zeros" in self.sent

    @property
    def to_choose(self) -> list[Select]:
        """Filters whose values are few enough to be ticked."""
        return [
            self._select(f"{ONLY}{column.name}", titled(column).removesuffix(" id"), options)
            for column, options in self._chosen_from.items()
            if options
        ]

    @property
    def to_type(self) -> list[tuple[Input, bool]]:
        """Filters whose values are typed, each with whether they are texts, one a line."""
        typed = []
        for column in filterable(self.dataset):
            name = f"{ONLY}{column.name}"
            if self._chosen_from.get(column) or not (name in self.sent or self._is_offered(column)):
                continue
            is_text = column.type is Type.TEXT
            value = ("\n" if is_text else ", ").join(self.sent.getlist(name))
            typed.append((Input(name, titled(column), "text", value), is_text))
        return typed

    @property
    def filters(self) -> int:
        """How many there are."""
        return sum(name.startswith(ONLY) for name in self.sent)

    @property
    def options(self) -> list[Select]:
        return [
            self._select("sort", "In the order of", _named(Sort, _SORTS)),
            self._select("palette", "Colours", _named(Palette)),
        ]

    @property
    def top(self) -> str:
        return self.sent.get("top", "")

    @property
    def values(self) -> bool:
        return "values" in self.sent

    @property
    def _counts_rows(self) -> bool:
        return self.type not in OF_ROWS and self.sent.get("aggregate") == Aggregate.COUNT

    @cached_property
    def _chosen_from(self) -> dict[Column, list[tuple[str, str]]]:
        return {
            column: [(str(id_), name) for id_, name in _TO_CHOOSE[column.name]()]
            for column in filterable(self.dataset)
            if column.name in _TO_CHOOSE
        }

    def _is_offered(self, column: Column) -> bool:
        """Not what the period says already, nor a name where the id is asked for."""
        names = {each.name for each in self.dataset.columns}
        return (
            f"{column.name}_id" not in names and column.name not in NAMES[self.dataset.parameters]
        )

    def _select(self, name: str, label: str, options: Iterable[tuple[str, str]]) -> Select:
        chosen = self.sent.getlist(name)
        return Select(
            name, label, [Option(value, text, value in chosen) for value, text in options]
        )


def _named(values: Iterable[Any], texts: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return [
        (value.value, (texts or {}).get(value.value, value.value.replace("_", " ").capitalize()))
        for value in values
    ]
