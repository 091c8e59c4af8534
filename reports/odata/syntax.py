"""What a `$filter` says, as a tree: made by `parsing.py`, read by `filters.py` and `periods.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Kind(StrEnum):
    """The types of values: those of columns, and two that only expressions have."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    DATETIME = "datetime"
    DATE = "date"
    BOOLEAN = "boolean"
    NULL = "null"


NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER})


@dataclass(frozen=True)
class Node:
    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    @cached_property
    def depth(self) -> int:
        """How many levels the tree has."""
        return 1 + max((child.depth for child in self.children), default=0)


@dataclass(frozen=True)
class Literal(Node):
    """`value` is an int, float, str, bool, None, a date, or a datetime with its offset.

    `picoseconds` are those of a moment that lies so far after the microsecond in `value`.
    """

    value: Any
    kind: Kind
    picoseconds: int = 0


@dataclass(frozen=True)
class Property(Node):
    name: str


@dataclass(frozen=True)
class Call(Node):
    name: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments


@dataclass(frozen=True)
class Unary(Node):
    """`not`, or `-`."""

    operator: str
    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class Binary(Node):
    """A comparison, or arithmetic."""

    operator: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Logical(Node):
    """`and` or `or` of any number of operands: a long chain is not deep."""

    operator: str
    operands: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True)
class In(Node):
    left: Node
    members: tuple[Literal, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left,)
