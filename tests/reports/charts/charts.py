"""A chart of each type over the hires of 2021, and what is in it."""

from __future__ import annotations

from typing import Any

HIRES: dict[str, Any] = {"dataset": "hires", "parameters": {"year": 2021}}

SPECIFICATIONS: dict[str, dict[str, Any]] = {
    "bar": HIRES | {"type": "bar", "x": "department", "y": "hires"},
    "bar with a line": {
        "dataset": "departments-above-mean",
        "parameters": {"year": 2021},
        "type": "bar",
        "x": "department",
        "y": "hired",
        "line": "mean",
    },
    "grouped_bar": HIRES
    | {"type": "grouped_bar", "x": "quarter", "y": "hires", "color": "department"},
    "stacked_bar": HIRES
    | {"type": "stacked_bar", "x": "quarter", "y": "hires", "color": "department"},
    "line": HIRES | {"type": "line", "x": "quarter", "y": "hires"},
    "line with colours": HIRES
    | {"type": "line", "x": "quarter", "y": "hires", "color": "department"},
    "heatmap": HIRES | {"type": "heatmap", "x": "quarter", "y": "department", "color": "hires"},
    "pie": HIRES | {"type": "pie", "x": "department", "y": "hires"},
    "box": HIRES | {"type": "box", "x": "department", "y": "hires"},
    "box without x": HIRES | {"type": "box", "y": "hires"},
    "scatter": {
        "dataset": "quarterly-hires",
        "parameters": {"year": 2021},
        "type": "scatter",
        "x": "q1",
        "y": "q3",
        "color": "department",
    },
    "table": HIRES | {"type": "table", "columns": ["quarter", "department", "hires"]},
    "number": HIRES | {"type": "number", "y": "hires"},
    "count": HIRES | {"type": "bar", "x": "job", "aggregate": "count"},
}
