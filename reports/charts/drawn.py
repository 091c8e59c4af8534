"""A chart as pages show it: drawn, as a table, and what its figures mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports.charts.data import ChartData
from reports.charts.definition import Chart, ChartType
from reports.charts.figures import figure
from reports.charts.labels import titled
from reports.charts.words import summary

_PERIODS = {
    "year": "the year {}",
    "from_year": "from {} on",
    "to_year": "to the end of {}",
    "date": "the day {}",
    "last_days": "the past {} days",
}


@dataclass(frozen=True)
class Cell:
    text: str
    is_number: bool


@dataclass(frozen=True)
class Drawn:
    """`rejected_rows` is how many rows are missing because they were rejected; None where none can be."""

    title: str
    chart: Chart
    data: ChartData
    rejected_rows: int | None

    @property
    def is_table(self) -> bool:
        """A table is shown as one, and not drawn."""
        return self.chart.type is ChartType.TABLE

    @cached_property
    def figure(self) -> dict[str, Any]:
        return figure(self.chart, self.data)

    @property
    def words(self) -> str:
        return summary(self.chart, self.data)

    @property
    def header(self) -> list[Cell]:
        names, rows = self.data.table()
        first = self._cells(rows[0]) if rows else [Cell("", is_number=False)] * len(names)
        return [Cell(name, cell.is_number) for name, cell in zip(names, first, strict=True)]

    @property
    def rows(self) -> list[list[Cell]]:
        return [self._cells(row) for row in self.data.table()[1]]

    @property
    def definition(self) -> Iterator[tuple[str, str]]:
        """What it is made of, each with a text."""
        dataset = self.chart.dataset
        yield dataset.title, dataset.description
        if self.period:
            yield "Period", self.period
        for name, values in self.chart.filters.items():
            yield f"Only {name}", ", ".join(map(str, values))
        for column in self.chart.used:
            yield titled(column), column.description

    @property
    def period(self) -> str:
        """In words; empty where the dataset has no periods."""
        asked = self.chart.parameters
        found = [text.format(asked[name]) for name, text in _PERIODS.items() if name in asked]
        text = " ".join(found)
        if text and asked.get("zeros") == "true":
            text += ", also where there is nothing"
        return text

    def _cells(self, row: tuple[Any, ...]) -> list[Cell]:
        amounts = (
            [column.is_measure for column in self.chart.columns]
            if self.is_table
            else [isinstance(value, int | float) for value in row]
        )
        return [_cell(value, amount) for value, amount in zip(row, amounts, strict=True)]


def _cell(value: Any, is_amount: bool) -> Cell:
    if value is None:
        return Cell("–", is_number=is_amount)
    if is_amount and isinstance(value, int | float):
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
        return Cell(text, is_number=True)
    return Cell(str(value), is_number=isinstance(value, int | float))
