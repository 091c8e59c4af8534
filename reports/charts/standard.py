"""The charts that everybody has from the start, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StandardChart:
    """A specification with a title. With `is_of_a_year` it shows the hires of one year."""

    name: str
    title: str
    description: str
    of_all: dict[str, Any]
    is_of_a_year: bool = True

    def specification(self, year: int | None) -> dict[str, Any]:
        """The chart of that year; without one, of all there is."""
        if not self.is_of_a_year or year is None:
            return self.of_all
        zeros = {"zeros": True} if self.of_all["dataset"] == "hires" else {}
        return self.of_all | {"parameters": {"year": year, **zeros}}


_HIRES = {"dataset": "hires", "y": "hires"}

STANDARD_CHARTS: tuple[StandardChart, ...] = (
    StandardChart(
        "hires-by-department",
        "Hires by department",
        "How many employees each department hired in the year.",
        _HIRES | {"type": "bar", "x": "department", "options": {"sort": "value"}},
    ),
    StandardChart(
        "hiring-flow",
        "Hiring flow",
        "How many employees were hired in each quarter of the year.",
        _HIRES | {"type": "line", "x": "quarter"},
    ),
    StandardChart(
        "departments-above-mean",
        "Departments above the mean",
        "Departments that hired more than the mean of all departments, and that mean as a line.",
        {
            "dataset": "departments-above-mean",
            "type": "bar",
            "x": "department",
            "y": "hired",
            "line": "mean",
            "options": {"sort": "value", "values": True},
        },
    ),
    StandardChart(
        "hires-by-quarter-and-department",
        "Hires by quarter and department",
        "How many employees each department hired in each quarter of the year.",
        _HIRES
        | {"type": "stacked_bar", "x": "quarter", "color": "department", "options": {"top": 10}},
    ),
    StandardChart(
        "hires-heatmap",
        "Months and departments",
        "How many employees each department hired in each month of the year.",
        {
            "dataset": "hires",
            "type": "heatmap",
            "x": "month",
            "y": "department",
            "color": "hires",
            "options": {"values": True},
        },
    ),
    StandardChart(
        "share-of-departments",
        "Share of departments",
        "Which part of the hires of the year each department made.",
        _HIRES | {"type": "pie", "x": "department", "options": {"sort": "value"}},
    ),
    StandardChart(
        "recent-hires",
        "Hires of the past 30 days",
        "How many employees were hired in the past 30 days, by department.",
        _HIRES
        | {
            "parameters": {"last_days": 30},
            "type": "bar",
            "x": "department",
            "options": {"sort": "value"},
        },
        is_of_a_year=False,
    ),
    StandardChart(
        "rejections-by-reason",
        "Rejections by reason",
        "Entries of the reject log by what was wrong, and how many of them nobody has dealt with.",
        {
            "dataset": "rejections",
            "type": "bar",
            "x": "code",
            "y": "open",
            "options": {"sort": "value", "top": 20},
        },
        is_of_a_year=False,
    ),
)
