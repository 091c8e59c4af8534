"""What a chart is: which dataset, and which of its columns go where. Never a figure, and never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.http import QueryDict

from reports.datasets.definition import Column, Dataset
from reports.datasets.parameters import period_of
from reports.datasets.period import Period


class ChartType(StrEnum):
    BAR = "bar"
    GROUPED_BAR = "grouped_bar"
    STACKED_BAR = "stacked_bar"
    LINE = "line"
    HEATMAP = "heatmap"
    PIE = "pie"
    BOX = "box"
    SCATTER = "scatter"
    TABLE = "table"
    NUMBER = "number"


class Aggregate(StrEnum):
    """How the rows that fall together become one number."""

    SUM = "sum"
    COUNT = "count"
    """Of the rows; it takes no column."""
    MEAN = "mean"
    MINIMUM = "min"
    MAXIMUM = "max"


class Sort(StrEnum):
    COLUMN = "column"
    """By what stands there: numbers by size, texts by the alphabet."""
    VALUE = "value"
    """The largest first."""


class Palette(StrEnum):
    """Each can be told apart by people who see colours differently."""

    OKABE_ITO = "okabe-ito"
    CIVIDIS = "cividis"
    VIRIDIS = "viridis"
    GREY = "grey"


@dataclass(frozen=True)
class Roles:
    """Which columns a type of chart takes. `measure` is the role that holds the number that is drawn."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    measure: str = "y"

    @property
    def known(self) -> frozenset[str]:
        return self.required | self.optional


def _roles(required: str, optional: str = "", measure: str = "y") -> Roles:
    return Roles(frozenset(required.split()), frozenset(optional.split()), measure)


ROLES: dict[ChartType, Roles] = {
    ChartType.BAR: _roles("x y", "line"),
    ChartType.GROUPED_BAR: _roles("x y color"),
    ChartType.STACKED_BAR: _roles("x y color"),
    ChartType.LINE: _roles("x y", "color"),
    ChartType.HEATMAP: _roles("x y color", measure="color"),
    ChartType.PIE: _roles("x y"),
    ChartType.BOX: _roles("y", "x"),
    ChartType.SCATTER: _roles("x y", "color"),
    ChartType.TABLE: _roles("columns", measure=""),
    ChartType.NUMBER: _roles("y"),
}
# These draw rows as they are; the others put rows together.
OF_ROWS = frozenset({ChartType.BOX, ChartType.SCATTER, ChartType.TABLE})

Value = int | float | str


@dataclass(frozen=True)
class Options:
    """How it is drawn. `top` keeps so many of the largest: colours where there are any, else what stands on x."""

    sort: Sort = Sort.COLUMN
    top: int = 0
    palette: Palette = Palette.OKABE_ITO
    values: bool = False
    """Whether the numbers are written beside what is drawn."""


@dataclass(frozen=True)
class Chart:
    """A chart that has been checked against the registry of datasets.

    `parameters` are those of the dataset, as in an address. `filters` keep the rows whose column has one of the
    values. `measure` is the column of the number, None where rows are counted. `line` is a column of a bar chart
    that is drawn as a line across it, by its mean.
    """

    dataset: Dataset
    type: ChartType
    parameters: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    x: tuple[Column, ...] = ()
    y: Column | None = None
    color: Column | None = None
    line: Column | None = None
    columns: tuple[Column, ...] = ()
    aggregate: Aggregate = Aggregate.SUM
    options: Options = Options()

    @property
    def period(self) -> Period:
        """Raises ProblemError for parameters that the dataset does not take."""
        return period_of(_Asked(self.parameters), self.dataset.parameters)

    @property
    def measure(self) -> Column | None:
        return self.color if self.type is ChartType.HEATMAP else self.y

    @property
    def groups(self) -> Column | None:
        """The column that makes series: rows of a heatmap, colours of the others."""
        return self.y if self.type is ChartType.HEATMAP else self.color

    @property
    def adds_up(self) -> bool:
        """Whether the numbers of two groups together are that of both."""
        return self.aggregate in (Aggregate.SUM, Aggregate.COUNT)

    @property
    def counts_again(self) -> bool:
        """Whether its numbers together count the same more than once."""
        by = self.dataset.counted_by
        is_of_one = len(set(self.filters.get(by, ()))) == 1
        return bool(by) and self.aggregate is Aggregate.SUM and not is_of_one

    @property
    def has_total(self) -> bool:
        """Whether all its numbers together say something."""
        return self.adds_up and not self.counts_again

    @property
    def used(self) -> tuple[Column, ...]:
        """The columns that it shows, each once."""
        shown = (*self.x, self.y, self.color, self.line, *self.columns)
        return tuple(dict.fromkeys(column for column in shown if column is not None))

    def as_json(self) -> dict[str, Any]:
        """The specification, as `read_chart` takes it."""
        names: dict[str, Any] = {
            role: column.name
            for role in ("y", "color", "line")
            if (column := getattr(self, role)) is not None
        }
        if self.x:
            x = [column.name for column in self.x]
            names["x"] = x if len(x) > 1 else x[0]
        if self.columns:
            names["columns"] = [column.name for column in self.columns]
        if self.type not in OF_ROWS:
            names["aggregate"] = self.aggregate.value
        return {
            "dataset": self.dataset.name,
            "parameters": dict(self.parameters),
            "filters": {name: list(values) for name, values in self.filters.items()},
            "type": self.type.value,
            **names,
            "options": {
                "sort": self.options.sort.value,
                "top": self.options.top,
                "palette": self.options.palette.value,
                "values": self.options.values,
            },
        }


class _Asked:
    """Parameters as those of a request."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self.query_params = QueryDict(mutable=True)
        self.query_params.update(dict(parameters))
