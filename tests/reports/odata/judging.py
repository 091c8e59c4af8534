"""Filters made up at random, and what they keep: read by the parser of odata-query, computed in Python.

odata-query's own translation to Django is no judge of everything: of rows with nulls `ne` drops some, and
fails where a side is computed; `div` of whole numbers keeps the fraction; `trim` takes blanks only; the date
of a moment is that of Django's time zone; and `in (1)` cannot be read.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from odata_query import ast
from odata_query.grammar import ODataLexer, ODataParser

COMPARISONS = ["eq", "ne", "gt", "ge", "lt", "le"]


@dataclass(frozen=True)
class Columns:
    """The names of columns by type, and texts and times worth comparing with."""

    whole: list[str]
    text: list[str]
    moment: list[str]
    texts: list[str]
    moments: list[str]


class Filters:
    """Sentences of the grammar that have meaning. `simple` are those that Django answers alike."""

    def __init__(self, columns: Columns, chance: random.Random, *, simple: bool = False) -> None:
        self.columns = columns
        self.chance = chance
        self.simple = simple

    def one(self, depth: int = 3) -> str:
        """A condition."""
        pick = self.chance.random()
        if depth and pick < 0.35:
            word = self.chance.choice(["and", "or"])
            text = f"{self.one(depth - 1)} {word} {self.one(depth - 1)}"
            return f"({text})" if self.chance.random() < 0.5 else text
        if depth and pick < 0.45:
            return f"not ({self.one(depth - 1)})"
        if pick < 0.55:
            function = self.chance.choice(["contains", "startswith", "endswith"])
            return f"{function}({self.text(0 if self.simple else 1)},{self.literal_text()})"
        if pick < 0.65:
            return self.member()
        if pick < 0.7 and not self.simple:
            name = self.chance.choice(self.columns.whole + self.columns.text)
            return f"{name} {self.chance.choice(['eq', 'ne'])} null"
        return self.comparison()

    def comparison(self) -> str:
        make = self.chance.choice([self.whole, self.whole, self.text, self.moment])
        pair = [make(2), make(1)]
        operators = [each for each in COMPARISONS if each != "ne" or not self.simple]
        return f"{pair[0]} {self.chance.choice(operators)} {pair[1]}"

    def member(self) -> str:
        if self.chance.random() < 0.5:
            values = [str(self.chance.randint(-2, 30)) for _ in range(self.chance.randint(2, 5))]
            return f"{self.chance.choice(self.columns.whole)} in ({', '.join(values)})"
        values = [self.literal_text() for _ in range(self.chance.randint(2, 3))]
        return f"{self.chance.choice(self.columns.text)} in ({','.join(values)})"

    def whole(self, depth: int) -> str:
        pick = self.chance.random()
        if depth and pick < 0.3:
            words = ["add", "sub", "mul"] if self.simple else ["add", "sub", "mul", "div", "mod"]
            word = self.chance.choice(words)
            right = self.whole(depth - 1)
            if word in ("div", "mod"):
                right = str(self.chance.randint(1, 9))
            text = f"{self.whole(depth - 1)} {word} {right}"
            return f"({text})" if self.chance.random() < 0.5 else text
        if depth and pick < 0.4:
            return f"length({self.text(depth - 1)})"
        if depth and pick < 0.5:
            return f"indexof({self.text(depth - 1)},{self.literal_text()})"
        if depth and pick < 0.6:
            part = self.chance.choice(["year", "month", "day", "hour", "minute", "second"])
            return f"{part}({self.chance.choice(self.columns.moment)})"
        if pick < 0.8:
            return self.chance.choice(self.columns.whole)
        return str(self.chance.randint(-2, 30))

    def text(self, depth: int) -> str:
        pick = self.chance.random()
        if depth and pick < 0.15:
            function = self.chance.choice(["tolower", "toupper" if self.simple else "trim"])
            return f"{function}({self.text(depth - 1)})"
        if depth and pick < 0.25:
            return f"concat({self.text(depth - 1)},{self.literal_text()})"
        if depth and pick < 0.4:
            start = self.chance.randint(0, 4)
            if self.chance.random() < 0.5:
                return f"substring({self.text(depth - 1)},{start})"
            return f"substring({self.text(depth - 1)},{start},{self.chance.randint(0, 3)})"
        if pick < 0.75:
            return self.chance.choice(self.columns.text)
        return self.literal_text()

    def literal_text(self) -> str:
        text = self.chance.choice(self.columns.texts)
        start = self.chance.randint(0, len(text))
        part = (
            text[start : start + self.chance.randint(0, 6)] if self.chance.random() < 0.5 else text
        )
        return "'" + part.replace("'", "''") + "'"

    def moment(self, depth: int) -> str:
        if self.chance.random() < 0.6:
            return self.chance.choice(self.columns.moment)
        return self.chance.choice(self.columns.moments)


def kept(text: str, rows: list[dict[str, Any]], moments: list[str]) -> list[dict[str, Any]]:
    """The rows of JSON that the filter keeps; `moments` are their columns of datetimes."""
    tree = ODataParser().parse(ODataLexer().tokenize(text))
    return [
        row
        for row in rows
        if value(tree, row | {name: datetime.fromisoformat(row[name]) for name in moments}) is True
    ]


_COMPARED: dict[type, Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.Not: operator.not_, ast.USub: operator.neg}
_COMPUTED: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1),
    ast.Mod: lambda a, b: int(math.copysign(abs(a) % abs(b), a)),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda a, b: b in a,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "length": len,
    "indexof": str.find,
    "substring": lambda text, start, length=10**6: text[start : start + length],
    "tolower": str.lower,
    "toupper": lambda text: "".join(c.upper() if len(c.upper()) == 1 else c for c in text),
    "trim": str.strip,
    "concat": operator.add,
} | {
    name: lambda moment, name=name: getattr(moment.astimezone(UTC), name)
    for name in ("year", "month", "day", "hour", "minute", "second")
}


def value(node: Any, row: dict[str, Any]) -> Any:
    """Of OData 4.0: null is a value to eq, ne and in, makes an order false, and everything else null."""
    match node:
        case ast.Identifier():
            return row[node.name]
        case ast.List():
            return node.py_val
        case ast.DateTime():
            return datetime.fromisoformat(node.val)
        case ast.UnaryOp():
            operand = value(node.operand, row)
            return None if operand is None else _UNARY[type(node.op)](operand)
        case ast.BoolOp():
            operands = {value(node.left, row), value(node.right, row)}
            return _joined(operands, decisive=isinstance(node.op, ast.Or))
        case ast.Compare():
            return _compared(node.comparator, value(node.left, row), value(node.right, row))
        case ast.BinOp():
            pair = (value(node.left, row), value(node.right, row))
            return None if None in pair else _COMPUTED[type(node.op)](*pair)
        case ast.Call():
            given = [value(each, row) for each in node.args]
            return None if None in given else _FUNCTIONS[node.func.name](*given)
    return node.py_val


def _joined(operands: set[bool | None], *, decisive: bool) -> bool | None:
    if decisive in operands:
        return decisive
    return None if None in operands else not decisive


def _compared(comparator: Any, left: Any, right: Any) -> bool:
    if isinstance(comparator, ast.Eq):
        return bool(left == right)
    if isinstance(comparator, ast.NotEq):
        return bool(left != right)
    if isinstance(comparator, ast.In):
        return left in right
    return left is not None and right is not None and _COMPARED[type(comparator)](left, right)
