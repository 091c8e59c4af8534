"""What is asked for in an address changes the period and the filters of a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import QueryDict

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import check_query
from reports.charts.definition import Chart, Value
from reports.charts.specification import MAX_FILTER_VALUES
from reports.datasets.parameters import NAMES

FILTERS = ("department_id", "job_id")
_MAX_DIGITS = 15


@dataclass(frozen=True)
class _Address:
    query_params: QueryDict


def askable(chart: Chart) -> tuple[str, ...]:
    """The parameters that an address may have for this chart: those of its dataset, and the filters that fit."""
    columns = {column.name for column in chart.dataset.columns}
    return (*NAMES[chart.dataset.parameters], *(name for name in FILTERS if name in columns))


def with_asked(chart: Chart, query_params: QueryDict) -> Chart:
    """The chart with what `?year=2021&department_id=1,3` asks for in the place of its own.

    Raises ProblemError for what the chart does not take, and for what cannot be read.
    """
    check_query(_Address(query_params), known=askable(chart))
    changed = replace(
        chart,
        parameters=_parameters(chart, query_params),
        filters={**chart.filters, **_filters(query_params)},
    )
    _ = changed.period
    return changed


def _parameters(chart: Chart, query_params: QueryDict) -> Mapping[str, str]:
    """One period takes the place of another; whether there are zeros is another question."""
    names = NAMES[chart.dataset.parameters]
    sent = {name: str(query_params[name]) for name in names if name in query_params}
    kept = chart.parameters
    if sent.keys() - {"zeros"}:
        kept = {name: value for name, value in kept.items() if name == "zeros"}
    return {**kept, **sent}


def _filters(query_params: QueryDict) -> dict[str, tuple[Value, ...]]:
    return {name: ids_asked(name, query_params) for name in FILTERS if name in query_params}


def ids_asked(name: str, query_params: QueryDict) -> tuple[int, ...]:
    """The ids of a parameter like `department_id=1,3`; none where it is not there. Raises ProblemError."""
    if name not in query_params:
        return ()
    text = str(query_params[name])
    parts = text.split(",")
    if len(parts) > MAX_FILTER_VALUES or not all(
        part.isascii() and part.isdigit() and len(part) <= _MAX_DIGITS for part in parts
    ):
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"{name}: send 1 to {MAX_FILTER_VALUES} whole numbers like 1,3, not {text[:20]!r}.",
        )
    return tuple(map(int, parts))
