"""A specification that somebody sends becomes a chart; whatever is wrong with it is told by its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.fields import MAX_TEXT_LENGTH
from reports.charts.definition import (
    OF_ROWS,
    ROLES,
    Aggregate,
    Chart,
    ChartType,
    Options,
    Palette,
    Sort,
    Value,
)
from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.registry import all_datasets, get_dataset

MAX_TOP = 100
MAX_FILTER_VALUES = 100
MAX_COLUMNS = 20
MAX_X = 2
_FIELDS = (
    *("dataset", "parameters", "filters", "type"),
    *("x", "y", "color", "line", "columns", "aggregate", "options"),
)
_OPTIONS = ("sort", "top", "palette", "values")

Choice = TypeVar("Choice", bound=StrEnum)


def read_chart(sent: Any) -> Chart:
    """The chart of a specification like
    `{"dataset": "hires", "parameters": {"year": 2021}, "type": "bar", "x": "quarter", "y": "hires"}`.

    Raises ProblemError, which names what is wrong. Whether somebody may read the dataset is not asked here.
    """
    fields = _object(sent, "specification", _FIELDS)
    dataset = _dataset(fields.get("dataset"))
    type_ = _choice(fields.get("type"), "type", ChartType)
    aggregate = _aggregate(fields, type_)
    chart = Chart(
        dataset=dataset,
        type=type_,
        parameters=_parameters(fields.get("parameters", {})),
        filters=_filters(fields.get("filters", {}), dataset),
        aggregate=aggregate,
        options=_options(fields.get("options", {})),
        **_columns(fields, dataset, type_, aggregate),
    )
    try:
        _ = chart.period
    except ProblemError as error:
        raise _bad("parameters", error.detail) from None
    return chart


def _object(sent: Any, name: str, known: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(sent, dict):
        raise _bad(name, "Send an object.")
    for key in sent:
        if key not in known:
            raise _bad(f"{key[:40]!a}", f"{name} knows {', '.join(known)}.")
    return sent


def _choice(sent: Any, name: str, choices: type[Choice]) -> Choice:
    known = [choice.value for choice in choices]
    if not isinstance(sent, str) or sent not in known:
        raise _bad(name, f"Send one of {', '.join(known)}.")
    return choices(sent)


def _dataset(sent: Any) -> Dataset:
    try:
        return get_dataset(sent)
    except LookupError:
        known = ", ".join(dataset.name for dataset in all_datasets())
        raise _bad("dataset", f"Send one of {known}.") from None


def _aggregate(fields: Mapping[str, Any], type_: ChartType) -> Aggregate:
    if "aggregate" not in fields:
        return Aggregate.SUM
    if type_ in OF_ROWS:
        raise _bad("aggregate", f"A chart of type {type_} draws each row as it is.")
    return _choice(fields["aggregate"], "aggregate", Aggregate)


def _parameters(sent: Any) -> dict[str, str]:
    if not isinstance(sent, dict):
        raise _bad("parameters", 'Send an object like {"year": 2021}.')
    found = {}
    for name, value in sent.items():
        if type(value) not in (int, str, bool):
            raise _bad("parameters", f"{name[:40]!a}: Send a text or a number.")
        found[name] = str(value).lower() if type(value) is bool else str(value)
    return found


def _filters(sent: Any, dataset: Dataset) -> dict[str, tuple[Value, ...]]:
    if not isinstance(sent, dict):
        raise _bad("filters", 'Send an object like {"department_id": [1, 3]}.')
    found = {}
    for name, values in sent.items():
        column = _column(name, dataset, "filters")
        if column.type not in (Type.INTEGER, Type.TEXT) or column.is_measure:
            raise _bad("filters", f"{column.name} cannot be filtered by.")
        kind = int if column.type is Type.INTEGER else str
        if (
            not isinstance(values, list)
            or not 1 <= len(values) <= MAX_FILTER_VALUES
            or not all(type(value) is kind and _is_storable(value) for value in values)
        ):
            what = "whole numbers" if kind is int else "texts"
            raise _bad("filters", f"{name}: Send a list of 1 to {MAX_FILTER_VALUES} {what}.")
        found[name] = tuple(values)
    return found


def _is_storable(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) < 2**53
    return len(value) <= MAX_TEXT_LENGTH and "\x00" not in value and value.isprintable()


def _options(sent: Any) -> Options:
    options = _object(sent, "options", _OPTIONS)
    top, values = options.get("top", 0), options.get("values", False)
    if type(top) is not int or not 0 <= top <= MAX_TOP:
        raise _bad("options.top", f"Send a whole number from 1 to {MAX_TOP}, or 0 for all.")
    if type(values) is not bool:
        raise _bad("options.values", "Send true or false.")
    return Options(
        sort=_choice(options.get("sort", Sort.COLUMN.value), "options.sort", Sort),
        top=top,
        palette=_choice(
            options.get("palette", Palette.OKABE_ITO.value), "options.palette", Palette
        ),
        values=values,
    )


def _columns(
    fields: Mapping[str, Any], dataset: Dataset, type_: ChartType, aggregate: Aggregate
) -> dict[str, Any]:
    """The columns by their roles, each fit for it."""
    roles = ROLES[type_]
    required = set(roles.required)
    if aggregate is Aggregate.COUNT:
        required.discard(roles.measure)
        if roles.measure in fields:
            raise _bad(
                roles.measure, "Rows are counted: leave it out, or choose another aggregate."
            )
    sent = {role for role in ("x", "y", "color", "line", "columns") if role in fields}
    if missing := sorted(required - sent):
        raise _bad(missing[0], f"A chart of type {type_} needs it.")
    if unknown := sorted(sent - roles.known):
        raise _bad(unknown[0], f"A chart of type {type_} takes {', '.join(sorted(roles.known))}.")
    found: dict[str, Any] = {}
    for role in sent - {"x", "columns"}:
        column = _column(fields[role], dataset, role)
        is_amount = role == roles.measure or role == "line"
        (_check_measure if is_amount else _check_group)(column, role)
        found[role] = column
    if "x" in sent:
        check = _check_measure if type_ is ChartType.SCATTER else _check_group
        most = 1 if type_ in OF_ROWS | {ChartType.PIE} else MAX_X
        found["x"] = _several(fields["x"], dataset, "x", most, check)
    if "columns" in sent:
        found["columns"] = _several(fields["columns"], dataset, "columns", MAX_COLUMNS)
    used = [*found.get("x", ()), *(found[role] for role in sent - {"x", "columns"})]
    if len(used) != len(set(used)):
        raise _bad("x", "Each column has one place.")
    return found


def _several(
    sent: Any,
    dataset: Dataset,
    role: str,
    most: int,
    check: Callable[[Column, str], None] = lambda column, role: None,
) -> tuple[Column, ...]:
    names = [sent] if isinstance(sent, str) else sent
    if not isinstance(names, list) or not 1 <= len(names) <= most:
        raise _bad(role, f"Send the name of a column, or a list of up to {most}.")
    columns = tuple(_column(name, dataset, role) for name in names)
    if len(set(columns)) < len(columns):
        raise _bad(role, "Each column has one place.")
    for column in columns:
        check(column, role)
    return columns


def _column(name: Any, dataset: Dataset, role: str) -> Column:
    # What names people is never drawn, whoever asks.
    known = {column.name: column for column in dataset.columns if not column.personal_to}
    if isinstance(name, str) and name in known:
        return known[name]
    if any(column.name == name for column in dataset.columns):
        raise _bad(role, f"{name} holds names of people, which are in no chart.")
    raise _bad(role, f"{dataset.name} has the columns {', '.join(known)}.")


def _check_measure(column: Column, role: str) -> None:
    if not column.is_measure:
        raise _bad(role, f"{column.name} is no amount, so it cannot be drawn as one.")


def _check_group(column: Column, role: str) -> None:
    if column.is_measure:
        raise _bad(role, f"{column.name} is an amount; what it is drawn by cannot be one.")
    if column.type is Type.DATETIME:
        raise _bad(role, f"{column.name} holds moments, each for itself. Take a column of days.")


def _bad(name: str, message: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, f"{name}: {message}")
