"""The first record of a CSV file: a header, a bad header, or already data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hrapi.api.problems import ProblemCode, ProblemError

NOTES = ("_rejected_row", "_line", "_codes", "_messages")
"""Columns of the file of rejected rows that say which it is and what is wrong; they are no part of the row."""

_ALIASES = {
    "department_name": "department",
    "job_name": "job",
    "employee_name": "name",
    "hire_date": "datetime",
    "hired_at": "datetime",
}

_MAX_CELLS_SHOWN = 10
_MAX_CHARACTERS_SHOWN = 40


class Header:
    """What the cells of a record name in a table: a field, a note, or nothing known."""

    def __init__(self, cells: Sequence[str], *, fields: Sequence[str], singular: str) -> None:
        self._cells = cells
        self._fields = fields
        column_of_name = _column_of_name(fields=fields, singular=singular)
        self.columns = [_note(cell) or column_of_name.get(_normalised(cell)) for cell in cells]
        """The field or note of each cell; None when it names neither."""

    @property
    def names_all(self) -> bool:
        """Every cell names a field or a note."""
        return bool(self.columns) and None not in self.columns

    @property
    def is_good(self) -> bool:
        """Every cell names something, every field is named, and nothing twice."""
        count = Counter(self.columns)
        fields_are_there = all(count[field] == 1 for field in self._fields)
        return self.names_all and fields_are_there and max(count.values()) == 1

    @property
    def is_meant(self) -> bool:
        """It is a header, if perhaps a bad one: fields are named, and nothing is a number."""
        names_some = any(column in self._fields for column in self.columns)
        return self.names_all or (names_some and not any(map(_is_number, self._cells)))

    def problem(self, *, line: int) -> ProblemError:
        """Return the refusal that says what is wrong, and what is expected."""
        count = Counter(self.columns)
        cells = dict(enumerate(self._cells, start=1))
        unknown = [
            _shown(cell)
            for cell, column in zip(self._cells, self.columns, strict=True)
            if column is None and cell.strip()
        ]
        empty = [f"column {number}" for number, cell in cells.items() if not cell.strip()]
        doubled = [field for field in self._fields if count[field] > 1]
        missing = [field for field in self._fields if not count[field]]
        found = "; ".join(
            f"{kind}: {_listed(names)}"
            for kind, names in (
                ("unknown", unknown),
                ("empty", empty),
                ("more than once", doubled),
                ("missing", missing),
            )
            if names
        )
        return ProblemError(
            ProblemCode.BAD_HEADER,
            f"The header in line {line} does not name every field once. {found}. "
            f"Expected, in any order: {', '.join(self._fields)}.",
        )


def _column_of_name(*, fields: Sequence[str], singular: str) -> Mapping[str, str]:
    column_of_name = {_normalised(field): field for field in fields}
    aliases = {f"{singular}_id": "id", **_ALIASES}
    for alias, field in aliases.items():
        if field in fields:
            # A field's own name wins: `department_id` of employees is not their id.
            column_of_name.setdefault(_normalised(alias), field)
    return column_of_name


def _note(cell: str) -> str | None:
    # To the letter: a column that is merely called `line` is somebody's data.
    name = cell.strip().lower()
    return name if name in NOTES else None


def _normalised(cell: str) -> str:
    return "".join(cell.casefold().split()).replace("_", "").replace("-", "")


def _is_number(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def _shown(cell: str) -> str:
    shown = cell.strip()
    return repr(
        shown if len(shown) <= _MAX_CHARACTERS_SHOWN else shown[:_MAX_CHARACTERS_SHOWN] + "…"
    )


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_MAX_CELLS_SHOWN])
    more = len(names) - _MAX_CELLS_SHOWN
    return f"{listed} and {more} more" if more > 0 else listed
