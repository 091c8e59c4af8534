"""The numbers of a chart: what both renderers draw, and what stands in the table beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

BOX = ("minimum", "lower quartile", "median", "upper quartile", "maximum", "mean")

Number = int | float


@dataclass(frozen=True)
class Series:
    """The numbers of one colour, each for the category at its place; for points also where on x they are."""

    name: str
    values: tuple[Number | None, ...]
    x: tuple[Number | None, ...] = ()


@dataclass(frozen=True)
class ChartData:
    """What a chart shows, in the order in which it shows it.

    Of a heatmap the series are its rows, of a box plot the figures in `BOX`. A table has `columns` and `rows`
    instead, texts and numbers. `notes` say in words what is not shown, or is put together. With `has_rest` the
    last series, of a pie the last slice, is the rest put together; with `is_cut` there is more than is shown.
    """

    x_title: str = ""
    y_title: str = ""
    color_title: str = ""
    categories: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    line: Series | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    notes: tuple[str, ...] = ()
    has_rest: bool = False
    is_cut: bool = False

    def table(self) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """The same as a table: its header and its rows."""
        if self.columns:
            return self.columns, list(self.rows)
        if any(series.x for series in self.series):
            header = (*([self.color_title] if self.color_title else []), self.x_title, self.y_title)
            return header, [
                (*([series.name] if self.color_title else []), x, y)
                for series in self.series
                for x, y in zip(series.x, series.values, strict=True)
            ]
        drawn = [*self.series, *([self.line] if self.line else [])]
        values = zip(*(series.values for series in drawn), strict=True)
        if not self.x_title:
            return tuple(series.name for series in drawn), list(values)
        header = (self.x_title, *(series.name for series in drawn))
        return header, [
            (category, *row) for category, row in zip(self.categories, values, strict=True)
        ]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ChartData:
        """What `as_json` gave, perhaps by way of JSON."""
        line = kept["line"]
        return cls(
            x_title=kept["x_title"],
            y_title=kept["y_title"],
            color_title=kept["color_title"],
            categories=tuple(kept["categories"]),
            series=tuple(map(_series, kept["series"])),
            line=_series(line) if line else None,
            columns=tuple(kept["columns"]),
            rows=tuple(map(tuple, kept["rows"])),
            notes=tuple(kept["notes"]),
            # Of links that were frozen before these were kept, nothing is known.
            has_rest=kept.get("has_rest", False),
            is_cut=kept.get("is_cut", False),
        )


def _series(kept: Mapping[str, Any]) -> Series:
    return Series(kept["name"], tuple(kept["values"]), tuple(kept["x"]))
