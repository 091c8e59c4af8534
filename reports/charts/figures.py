"""Charts as figures of Plotly: plain JSON, made without Plotly.

`plotly.graph_objects.Figure` takes it as it is. Source: the reference of Plotly's figures,
https://plotly.com/javascript/reference/.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from reports.charts.data import BOX, ChartData
from reports.charts.definition import Chart, ChartType
from reports.charts.palettes import LINE, SCALES, colour, turn

_PATTERNS = ("", "/", "x", ".", "-", "|", "+")
# Thin lines on the whole colour, so that texts can be read on it.
_ON_COLOUR = {"fillmode": "overlay", "solidity": 0.15, "fgopacity": 0.6}
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star")


def figure(chart: Chart, data: ChartData, *, title: str = "") -> dict[str, Any]:
    """`{"data": [...], "layout": {...}}`. It has no colours of paper and text: these are the reader's."""
    layout: dict[str, Any] = {
        "showlegend": len(data.series) > 1 or data.line is not None,
        "margin": {"t": 60 if title else 20, "r": 20},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "meta": {"notes": list(data.notes)},
    }
    if title:
        layout["title"] = {"text": _shown(title)}
    return {"data": _TRACES[chart.type](chart, data, layout), "layout": layout}


def _shown(text: str) -> str:
    """Plotly takes some texts for markup."""
    return html.escape(text, quote=False)


def _axes(data: ChartData, layout: dict[str, Any]) -> None:
    # Without the type, 007 would become a number, and 2021-07 a moment.
    layout["xaxis"] = {
        "type": "category",
        "title": {"text": _shown(data.x_title)},
        "automargin": True,
    }
    layout["yaxis"] = {
        "title": {"text": _shown(data.y_title)},
        "automargin": True,
        "rangemode": "tozero",
        "separatethousands": True,
    }
    if data.color_title:
        layout["legend"] = {"title": {"text": _shown(data.color_title)}}


def _bars(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    _axes(data, layout)
    layout["barmode"] = "relative" if chart.type is ChartType.STACKED_BAR else "group"
    x = _all_shown(data.categories)
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": _shown(series.name),
            "x": x,
            "y": list(series.values),
            "marker": {
                "color": colour(chart.options.palette, position),
                "pattern": {"shape": _of(_PATTERNS, chart, position), **_ON_COLOUR},
            },
            **_written(chart, "y", textposition="auto"),
        }
        for position, series in enumerate(data.series)
    ]
    if data.line:
        traces.append(
            {
                "type": "scatter",
                # Where there is one bar there is no line between two.
                "mode": "lines+markers",
                "name": _shown(data.line.name),
                "x": x,
                "y": list(data.line.values),
                "line": {"color": LINE, "dash": "dash"},
            }
        )
    return traces


def _lines(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    _axes(data, layout)
    return [
        {
            "type": "scatter",
            "mode": "lines+markers+text" if chart.options.values else "lines+markers",
            "name": _shown(series.name),
            "x": _all_shown(data.categories),
            "y": list(series.values),
            "line": {
                "color": colour(chart.options.palette, position),
                "dash": _of(_DASHES, chart, position),
            },
            "marker": {"symbol": _of(_SYMBOLS, chart, position)},
            **_written(chart, "y", textposition="top center"),
        }
        for position, series in enumerate(data.series)
    ]


def _heatmap(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    _axes(data, layout)
    layout.pop("legend", None)
    layout["showlegend"] = False
    # The first row stands at the top, as in a table.
    layout["yaxis"] |= {"type": "category", "autorange": "reversed"}
    del layout["yaxis"]["rangemode"]
    scale = SCALES[chart.options.palette]
    return [
        {
            "type": "heatmap",
            "x": _all_shown(data.categories),
            "y": _all_shown([series.name for series in data.series]),
            "z": [list(series.values) for series in data.series],
            "colorscale": [[i / (len(scale) - 1), each] for i, each in enumerate(scale)],
            "colorbar": {"title": {"text": _shown(data.color_title)}},
            **_written(chart, "z"),
        }
    ]


def _pie(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    [series] = data.series
    layout["showlegend"] = True
    return [
        {
            "type": "pie",
            "labels": _all_shown(data.categories),
            "values": list(series.values),
            "name": _shown(series.name),
            "sort": False,
            "direction": "clockwise",
            # Names stand in the legend: beside small slices they would cover each other.
            "textinfo": "value+percent" if chart.options.values else "percent",
            "textposition": "inside",
            "marker": {
                "colors": [
                    colour(chart.options.palette, each) for each in range(len(series.values))
                ],
                "pattern": {
                    "shape": [_of(_PATTERNS, chart, each) for each in range(len(series.values))],
                    **_ON_COLOUR,
                },
            },
        }
    ]


def _box(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    _axes(data, layout)
    layout["showlegend"] = False
    figures = dict(zip(BOX, (list(series.values) for series in data.series), strict=True))
    return [
        {
            "type": "box",
            "name": _shown(data.y_title),
            "x": _all_shown(data.categories),
            "lowerfence": figures["minimum"],
            "q1": figures["lower quartile"],
            "median": figures["median"],
            "q3": figures["upper quartile"],
            "upperfence": figures["maximum"],
            "mean": figures["mean"],
            "marker": {"color": colour(chart.options.palette, 0)},
        }
    ]


def _points(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    _axes(data, layout)
    layout["xaxis"] |= {"type": "linear", "rangemode": "tozero", "separatethousands": True}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": _shown(series.name),
            "x": list(series.x),
            "y": list(series.values),
            "marker": {
                "color": colour(chart.options.palette, position),
                "symbol": _of(_SYMBOLS, chart, position),
            },
        }
        for position, series in enumerate(data.series)
    ]


def _table(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    header, rows = data.table()
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(header)
    return [
        {
            "type": "table",
            "header": {"values": _all_shown(header)},
            "cells": {
                "values": [
                    [_shown(cell) if isinstance(cell, str) else cell for cell in column]
                    for column in columns
                ]
            },
        }
    ]


def _number(chart: Chart, data: ChartData, layout: dict[str, Any]) -> list[dict[str, Any]]:
    [series] = data.series
    return [
        {
            "type": "indicator",
            "mode": "number",
            "value": series.values[0],
            "title": {"text": _shown(series.name)},
        }
    ]


_TRACES = {
    ChartType.BAR: _bars,
    ChartType.GROUPED_BAR: _bars,
    ChartType.STACKED_BAR: _bars,
    ChartType.LINE: _lines,
    ChartType.HEATMAP: _heatmap,
    ChartType.PIE: _pie,
    ChartType.BOX: _box,
    ChartType.SCATTER: _points,
    ChartType.TABLE: _table,
    ChartType.NUMBER: _number,
}


def _all_shown(texts: Sequence[str]) -> list[str]:
    return [_shown(text) for text in texts]


def _of(kinds: Sequence[str], chart: Chart, position: int) -> str:
    return kinds[turn(chart.options.palette, position) % len(kinds)]


def _written(chart: Chart, name: str, **how: str) -> dict[str, Any]:
    return {"texttemplate": f"%{{{name}:,}}", **how} if chart.options.values else {}
