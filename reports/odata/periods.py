"""A filter by year lets only the hires of these years be read, which takes a fraction of the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from reports.datasets.definition import Dataset, Parameters
from reports.datasets.period import Period
from reports.odata.syntax import Binary, Kind, Literal, Logical, Node, Property

_YEAR = "year"
_YEARS = range(1, 9999)
"""Those that Python has days of. A bound beyond them is left to the filter."""
_MIRRORED = {"eq": "eq", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def period_of(dataset: Dataset, node: Node | None) -> Period:
    """The years outside of which the filter keeps nothing; all there are where it says nothing of years.

    It only leaves out what the filter leaves out too. So it is not for datasets whose rows depend on the period:
    statistics of two years are not those of each.
    """
    if node is None or not _has_rows_of_one_year(dataset):
        return Period()
    first: int | None = None
    last: int | None = None
    for operator, year in _bounds(node):
        if operator in ("eq", "ge", "gt"):
            least = year + (operator == "gt")
            first = least if first is None else max(first, least)
        if operator in ("eq", "le", "lt"):
            most = year - (operator == "lt")
            last = most if last is None else min(last, most)
    return Period(
        start=date(first, 1, 1) if first is not None and first in _YEARS else None,
        end=date(last + 1, 1, 1) if last is not None and last in _YEARS else None,
    )


def _has_rows_of_one_year(dataset: Dataset) -> bool:
    return dataset.parameters is not Parameters.NONE and _YEAR in dataset.key


def _bounds(node: Node) -> Iterator[tuple[str, int]]:
    """Comparisons of the year with a whole number that hold for every row which the filter keeps."""
    if isinstance(node, Logical) and node.operator == "and":
        for operand in node.operands:
            yield from _bounds(operand)
    elif isinstance(node, Binary) and node.operator in _MIRRORED:
        for operator, one, other in (
            (node.operator, node.left, node.right),
            (_MIRRORED[node.operator], node.right, node.left),
        ):
            if one == Property(_YEAR) and isinstance(other, Literal) and other.kind is Kind.INTEGER:
                yield operator, other.value
