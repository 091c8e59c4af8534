"""A field of many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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

    def __init__(self, name: str, info: FieldInfo) -> None:
        self._name = name
        self._parse = cast(Callable[[Any], Any], _entry(info, PlainValidator).func)
        self._parse_plain = _entry(info, Plain).parse

    def __call__(self, column: Sequence[Any]) -> tuple[Sequence[Any], dict[int, Fault]]:
        """The value of each row, None where there is a fault, and the faults by position."""
        found = _Found()
        return self._values(column, 0, found), found.faults

    def _values(self, column: Sequence[Any], start: int, found: _Found) -> Sequence[Any]:
        values = self._parse_plain(column)
        if values is not None:
            return values
        if len(column) > _SHORT:
            half = len(column) // 2
            return [
                *self._values(column[:half], start, found),
                *self._values(column[half:], start + half, found),
            ]
        parsed: list[Any] = []
        for position, sent in enumerate(column, start):
            if type(sent) is str and sent in found.of_text:
                found.faults[position] = found.of_text[sent]
                parsed.append(None)
                continue
            try:
                parsed.append(self._parse(sent))
            except PydanticCustomError as error:
                fault = Fault(self._name, RowCode(error.type), error.message(), sent)
                found.faults[position] = fault
                if type(sent) is str:
                    found.of_text[sent] = fault
                parsed.append(None)
        return parsed


@dataclass(slots=True)
class _Found:
    """The faults of one column, by position, and by the text that was sent: a wrong one mostly comes often."""

    faults: dict[int, Fault] = field(default_factory=dict)
    of_text: dict[str, Fault] = field(default_factory=dict)


def _entry(info: FieldInfo, kind: type[Entry]) -> Entry:
    [entry] = [entry for entry in info.metadata if isinstance(entry, kind)]
    return entry
