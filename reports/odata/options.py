"""The query options of OData that a request carries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from rest_framework.request import Request

from hrapi.api.query import check_query
from reports.datasets.definition import Column
from reports.odata.errors import invalid, not_supported
from reports.odata.filters import property_of
from reports.odata.paging import Order
from reports.odata.parsing import OPERATORS, parse_filter
from reports.odata.syntax import Node

FORMAT = "$format"
OF_ENTITY = frozenset({FORMAT, "$select"})
OF_SET = OF_ENTITY | {"$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken"}

_MAX_DIGITS = 15


@dataclass(frozen=True)
class Options:
    """`selected` is empty where all columns are; `top` is None where all rows are."""

    filter: Node | None = None
    selected: tuple[Column, ...] = ()
    order: tuple[Order, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    skip_token: str | None = None


def check_options(request: Request, known: Collection[str]) -> None:
    """Raises ProblemError for an option that is not known here, or is there twice."""
    for name in request.query_params:
        if name in known:
            continue
        if name in OF_SET:
            raise invalid(f"{name} has no meaning at this address.")
        if name.startswith(("$", "@")):
            raise not_supported(f"{name[:40]!r} is not supported.")
        raise invalid(
            f"There is no parameter {name[:40]!r} here. Known are: {', '.join(sorted(known))}."
        )
    check_query(request, known=known)


def read_options(request: Request, columns: Sequence[Column], known: Collection[str]) -> Options:
    """What is asked of rows with these columns. Raises ProblemError."""
    check_options(request, known)
    asked = request.query_params
    by_name = {column.name: column for column in columns}
    return Options(
        filter=parse_filter(asked["$filter"]) if "$filter" in asked else None,
        selected=_selected(asked["$select"], by_name) if "$select" in asked else (),
        order=_order(asked["$orderby"], by_name) if "$orderby" in asked else (),
        top=_whole_number(asked, "$top") if "$top" in asked else None,
        skip=_whole_number(asked, "$skip") if "$skip" in asked else 0,
        count=_boolean(asked, "$count") if "$count" in asked else False,
        skip_token=asked.get("$skiptoken"),
    )


def _selected(text: str, columns: dict[str, Column]) -> tuple[Column, ...]:
    """In the order of the dataset, whatever the order asked for; none for `*`, which is all."""
    names = [name.strip() for name in text.split(",")]
    found = {property_of(name, columns, "$select") for name in names if name != "*"}
    if "*" in names:
        return ()
    return tuple(column for column in columns.values() if column in found)


def _order(text: str, columns: dict[str, Column]) -> tuple[Order, ...]:
    found: dict[str, Order] = {}
    for item in text.split(","):
        name, *direction = item.split() or [""]
        is_property = all(letter.isalnum() or letter == "_" for letter in name)
        if not is_property or OPERATORS.intersection(direction[:1]):
            raise not_supported("$orderby: it is supported by properties only.")
        column = property_of(name, columns, "$orderby")
        if direction not in ([], ["asc"], ["desc"]):
            raise invalid("$orderby: after a property comes asc or desc, or nothing.")
        # A second mention decides nothing: rows that reach it are equal in it.
        found.setdefault(name, Order(column, direction == ["desc"]))
    return tuple(found.values())


def _whole_number(asked: QueryDict, name: str) -> int:
    text = str(asked[name])
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    raise invalid(f"{name}: send a whole number from 0 on, not {text[:20]!r}.")


def _boolean(asked: QueryDict, name: str) -> bool:
    if asked[name] not in ("true", "false"):
        raise invalid(f"{name}: send true or false.")
    return bool(asked[name] == "true")
