"""The form in which a chart is built, as the address holds it, and the specification that it stands for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from django.http import QueryDict

from hrapi.api.problems import ProblemCode, ProblemError
from reports.charts.definition import OF_ROWS, ROLES, Aggregate, ChartType
from reports.charts.specification import MAX_COLUMNS, MAX_X
from reports.datasets.definition import Column, Dataset, Parameters, Type
from reports.datasets.parameters import NAMES
from reports.datasets.registry import get_dataset

_COLUMNS = ("x", "x2", "y", "color", "line", "columns")
_FIELDS = frozenset(
    {"dataset", "type", *_COLUMNS, "aggregate", "sort", "top", "palette", "values", "from"}
    | {"title", "description", "is_team"}
    | {*NAMES[Parameters.DAYS]}
)
ONLY = "only."
_IN_ORDER = ("date", "month", "quarter", "year")
_GOES_ON = frozenset({ChartType.LINE, ChartType.HEATMAP})
_CHECKED = "on"


def check_form(sent: QueryDict) -> None:
    """Raises ProblemError for a field that the form does not have."""
    for name in sent:
        if name not in _FIELDS and not name.startswith(ONLY):
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                f"There is no parameter {name[:40]!r} here. Known are: {', '.join(sorted(_FIELDS))}.",
            )


def chosen_dataset(sent: QueryDict) -> Dataset:
    """Raises ProblemError for one that there is not."""
    try:
        return get_dataset(sent.get("dataset", ""))
    except LookupError:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER, "dataset: there is none of this name."
        ) from None


def chosen_type(sent: QueryDict) -> ChartType:
    """Raises ProblemError for one that there is not."""
    try:
        return ChartType(sent.get("type", ChartType.BAR))
    except ValueError:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER, f"type: choose one of {', '.join(ChartType)}."
        ) from None


def specification_of(sent: QueryDict) -> dict[str, Any]:
    """What the form says. Where a column is missing, or does not fit what was chosen, one that fits is there."""
    dataset, type_ = chosen_dataset(sent), chosen_type(sent)
    specification: dict[str, Any] = {"dataset": dataset.name, "type": type_.value}
    if type_ not in OF_ROWS:
        specification["aggregate"] = aggregate_of(sent, dataset, type_)
    specification |= _columns(sent, dataset, type_, specification.get("aggregate"))
    specification["parameters"] = {
        name: "true" if name == "zeros" else sent[name]
        for name in NAMES[dataset.parameters]
        if sent.get(name)
    }
    specification["filters"] = _filters(sent, dataset)
    top = sent.get("top", "")
    specification["options"] = {
        **{name: sent[name] for name in ("sort", "palette") if sent.get(name)},
        "top": int(top) if top.isascii() and top.isdigit() else 0,
        "values": "values" in sent,
    }
    return specification


def as_form(specification: Mapping[str, Any]) -> QueryDict:
    """The form that stands for a specification, as `Chart.as_json` gives it."""
    form = QueryDict(mutable=True)
    for name in ("dataset", "type", "aggregate", "y", "color", "line"):
        if name in specification:
            form[name] = specification[name]
    x = specification.get("x", [])
    for name, column in zip(("x", "x2"), [x] if isinstance(x, str) else x, strict=False):
        form[name] = column
    form.setlist("columns", specification.get("columns", []))
    for name, value in specification["parameters"].items():
        if (name, value) != ("zeros", "false"):
            form[name] = _CHECKED if name == "zeros" else value
    for name, values in specification["filters"].items():
        form.setlist(f"{ONLY}{name}", [str(value) for value in values])
    options = specification["options"]
    form["sort"], form["palette"] = options["sort"], options["palette"]
    if options["top"]:
        form["top"] = str(options["top"])
    if options["values"]:
        form["values"] = _CHECKED
    return form


def roles_of(type_: ChartType) -> list[tuple[str, str, bool]]:
    """The fields for columns: each with its role, and whether it may be left empty."""
    roles = ROLES[type_]
    found: list[tuple[str, str, bool]] = []
    for role in ("x", "y", "color", "line"):
        if role in roles.known:
            found.append((role, role, role in roles.optional))
        if role == "x" and takes_second_x(type_):
            found.append(("x2", "x", True))
    return found


def takes_second_x(type_: ChartType) -> bool:
    return "x" in ROLES[type_].known and type_ not in OF_ROWS | {ChartType.PIE} and MAX_X > 1


def fitting(dataset: Dataset, type_: ChartType, role: str) -> list[Column]:
    """The columns that can have this role."""
    columns = [column for column in dataset.columns if not column.personal_to]
    if role == "columns":
        return columns
    is_amount = role in (ROLES[type_].measure, "line") or (
        type_ is ChartType.SCATTER and role == "x"
    )
    if is_amount:
        return [column for column in columns if column.is_measure]
    return [
        column for column in columns if not column.is_measure and column.type is not Type.DATETIME
    ]


def filterable(dataset: Dataset) -> list[Column]:
    """The columns whose values can be chosen."""
    return [
        column
        for column in dataset.columns
        if column.type in (Type.INTEGER, Type.TEXT)
        and not column.is_measure
        and not column.personal_to
    ]


def aggregate_of(sent: QueryDict, dataset: Dataset, type_: ChartType) -> str:
    """Of a dataset without amounts only rows can be counted."""
    if not fitting(dataset, type_, ROLES[type_].measure):
        return Aggregate.COUNT.value
    return sent.get("aggregate") or Aggregate.SUM.value


def _columns(
    sent: QueryDict, dataset: Dataset, type_: ChartType, aggregate: str | None
) -> dict[str, Any]:
    if type_ is ChartType.TABLE:
        fit = [column.name for column in fitting(dataset, type_, "columns")]
        chosen = [name for name in sent.getlist("columns") if name in fit]
        return {"columns": (chosen or fit)[:MAX_COLUMNS]}
    roles = [
        each
        for each in roles_of(type_)
        if not (each[1] == ROLES[type_].measure and aggregate == Aggregate.COUNT)
    ]
    columns = {name: fitting(dataset, type_, role) for name, role, _ in roles}
    needed = [name for name, _, is_optional in roles if not is_optional]
    others = [name for name in columns if name not in needed]
    wanted = {sent.get(name) for name in others}
    found: dict[str, str] = {}

    def free(name: str) -> list[Column]:
        return [column for column in columns[name] if column.name not in found.values()]

    def take(names: Iterable[str]) -> None:
        for name in names:
            if sent.get(name) in {column.name for column in free(name)}:
                found[name] = str(sent[name])

    take(needed)
    for name in needed:
        if name not in found and free(name):
            is_ordered = name == "x" and type_ in _GOES_ON
            found[name] = _first(free(name), wanted, is_ordered=is_ordered)
    take(others)
    second = found.pop("x2", "")
    return found | ({"x": [found["x"], second]} if second else {})


def _first(columns: Iterable[Column], wanted: Container[str | None], *, is_ordered: bool) -> str:
    """A name tells more than an id, and a line goes along time; what is wanted elsewhere comes last."""

    def rank(column: Column) -> tuple[bool, int]:
        if is_ordered and column.name in _IN_ORDER:
            return column.name in wanted, _IN_ORDER.index(column.name) - len(_IN_ORDER)
        return column.name in wanted, 0 if column.type is Type.TEXT else 1

    return min(columns, key=rank).name


def _filters(sent: QueryDict, dataset: Dataset) -> dict[str, list[int | str]]:
    found: dict[str, list[int | str]] = {}
    for column in filterable(dataset):
        texts = [
            text.strip()
            for value in sent.getlist(f"{ONLY}{column.name}")
            for text in value.split("," if column.type is Type.INTEGER else "\n")
            if text.strip()
        ]
        if texts:
            found[column.name] = [_value(text, column) for text in dict.fromkeys(texts)]
    return found


def _value(text: str, column: Column) -> int | str:
    if column.type is Type.TEXT:
        return text
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 20:
        return int(text)
    raise ProblemError(
        ProblemCode.INVALID_PARAMETER, f"Only {column.name}: {text[:20]!r} is no whole number."
    )
