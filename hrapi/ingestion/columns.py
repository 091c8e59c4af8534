"""A field of many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from pydantic import PlainValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.fields import Plain
from hrapi.ingestion.sent import Fault

# A column with values that are not plain is halved until they are alone, or in as short a piece.
_SHORT = 32

Entry = TypeVar("Entry")


class ColumnParser:
    """Parses what was sent in one field of many rows: what is plain at once, the rest value by value."""

    def __init__(self, name: str, field: FieldInfo) -> None:
        self._name = name
        self._parse = cast(Callable[[Any], Any], _entry(field, PlainValidator).func)
        self._parse_plain = _entry(field, Plain).parse

    def __call__(self, column: Sequence[Any]) -> tuple[Sequence[Any], dict[int, Fault]]:
        """The value of each row, None where there is a fault, and the faults by position."""
        faults: dict[int, Fault] = {}
        return self._values(column, 0, faults), faults

    def _values(self, column: Sequence[Any], start: int, faults: dict[int, Fault]) -> Sequence[Any]:
        values = self._parse_plain(column)
        if values is not None:
            return values
        if len(column) > _SHORT:
            half = len(column) // 2
            return [
                *self._values(column[:half], start, faults),
                *self._values(column[half:], start + half, faults),
            ]
        parsed: list[Any] = []
        for position, sent in enumerate(column, start):
            try:
                parsed.append(self._parse(sent))
            except PydanticCustomError as error:
                faults[position] = Fault(self._name, RowCode(error.type), error.message(), sent)
                parsed.append(None)
        return parsed


def _entry(field: FieldInfo, kind: type[Entry]) -> Entry:
    [entry] = [entry for entry in field.metadata if isinstance(entry, kind)]
    return entry
