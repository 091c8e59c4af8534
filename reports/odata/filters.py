"""A `$filter` becomes SQL over the columns of a dataset. Types are checked; values are literals of psycopg2.

Null is as in OData, not as in SQL: `eq` and `ne` take it for a value, `gt` and its like are false with it, and
everything else is null with it. Texts compare by code points, times in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg2 import sql

from reports.datasets.definition import Column, Type
from reports.odata.errors import invalid, not_supported
from reports.odata.functions import FUNCTIONS, NOT_SUPPORTED, Signature
from reports.odata.syntax import (
    NUMERIC,
    Binary,
    Call,
    In,
    Kind,
    Literal,
    Logical,
    Node,
    Property,
    Unary,
)

_COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_INTEGER_SQL = {
    "add": "({} + {})",
    "sub": "({} - {})",
    "mul": "({} * {})",
    "div": "div({}, {})",
    "mod": "mod({}, {})",
}
_NUMBER_SQL = {"add": "({} + {})", "sub": "({} - {})", "mul": "({} * {})", "div": "({} / {})"}
_NAMED = {kind: f"{'an' if kind is Kind.INTEGER else 'a'} {kind}" for kind in Kind}
_SQL_TYPES = {
    Kind.INTEGER: "numeric",
    Kind.NUMBER: "float8",
    Kind.TEXT: "text",
    Kind.DATETIME: "timestamptz",
    Kind.DATE: "date",
    Kind.BOOLEAN: "boolean",
}


@dataclass(frozen=True)
class _Part:
    """SQL that can stand anywhere, without further brackets. `picoseconds` as those of a literal."""

    sql: sql.Composable
    kind: Kind
    is_nullable: bool = False
    picoseconds: int = 0


def condition(node: Node, columns: Mapping[str, Column]) -> sql.Composable:
    """What is true of the rows that the filter keeps. Raises ProblemError.

    Only `columns`, by name, can be asked for: of all others nothing is told but that they are not there.
    """
    part = _part(node, columns)
    _expect(part, Kind.BOOLEAN, "$filter")
    return _as(part, Kind.BOOLEAN).sql


def properties_of(node: Node) -> frozenset[str]:
    """The names of the columns in it."""
    if isinstance(node, Property):
        return frozenset({node.name})
    return frozenset().union(*map(properties_of, node.children))


def property_of(name: str, columns: Mapping[str, Column], what: str) -> Column:
    if name not in columns:
        raise invalid(f"{what}: there is no property {name[:40]!r}.")
    return columns[name]


def literal_sql(literal: Literal) -> sql.Composable:
    value = literal.value
    if literal.kind in (Kind.DATETIME, Kind.DATE):
        value = value.isoformat()
    if literal.kind in (Kind.NULL, Kind.BOOLEAN, Kind.INTEGER):
        return sql.SQL("({})").format(sql.Literal(value))
    return sql.SQL("({}::{})").format(sql.Literal(value), sql.SQL(_SQL_TYPES[literal.kind]))


def _part(node: Node, columns: Mapping[str, Column]) -> _Part:
    match node:
        case Literal():
            return _literal(node)
        case Property():
            return _property(property_of(node.name, columns, "$filter"))
        case Call():
            return _call(node, [_part(each, columns) for each in node.arguments])
        case Unary():
            return _unary(node, _part(node.operand, columns))
        case Logical():
            return _logical(node, [_part(each, columns) for each in node.operands])
        case In():
            return _in(_part(node.left, columns), node.members)
        case Binary():
            left, right = _part(node.left, columns), _part(node.right, columns)
            if node.operator in _COMPARISONS:
                return _comparison(node.operator, left, right)
            return _arithmetic(node.operator, left, right)
    raise TypeError(node)


def _literal(node: Literal) -> _Part:
    return _Part(literal_sql(node), node.kind, node.kind is Kind.NULL, node.picoseconds)


def _property(column: Column) -> _Part:
    name: sql.Composable = sql.Identifier(column.name)
    if column.type is Type.TEXT:
        name = sql.SQL('({} COLLATE "C")').format(name)
    return _Part(name, Kind(column.type.value), column.is_nullable)


def _call(node: Call, arguments: Sequence[_Part]) -> _Part:
    if node.name in NOT_SUPPORTED:
        raise not_supported(f"$filter: {node.name}() is not supported.")
    if node.name not in FUNCTIONS:
        raise invalid(f"$filter: there is no function {node.name[:40]!r}.")
    for signature in FUNCTIONS[node.name]:
        if _fits(signature, arguments):
            taken = [
                _as(part, kind) for part, kind in zip(arguments, signature.parameters, strict=True)
            ]
            called = sql.SQL(signature.sql).format(*(part.sql for part in taken))
            is_nullable = any(part.is_nullable for part in taken)
            return _Part(sql.SQL("({})").format(called), signature.kind, is_nullable)
    takes = " or ".join(
        f"({', '.join(signature.parameters)})" for signature in FUNCTIONS[node.name]
    )
    raise invalid(f"$filter: {node.name} takes {takes}.")


def _fits(signature: Signature, arguments: Sequence[_Part]) -> bool:
    return len(arguments) == len(signature.parameters) and all(
        part.kind in (kind, Kind.NULL)
        for part, kind in zip(arguments, signature.parameters, strict=True)
    )


def _unary(node: Unary, operand: _Part) -> _Part:
    if node.operator == "not":
        _expect(operand, Kind.BOOLEAN, "not")
        operand = _as(operand, Kind.BOOLEAN)
        return _Part(sql.SQL("(NOT {})").format(operand.sql), Kind.BOOLEAN, operand.is_nullable)
    kind = _number_kind("-", operand, operand)
    operand = _as(operand, kind)
    return _Part(sql.SQL("(- {})").format(operand.sql), kind, operand.is_nullable)


def _logical(node: Logical, operands: Sequence[_Part]) -> _Part:
    for operand in operands:
        _expect(operand, Kind.BOOLEAN, node.operator)
    joined = sql.SQL(f" {node.operator.upper()} ").join(
        _as(operand, Kind.BOOLEAN).sql for operand in operands
    )
    is_nullable = any(operand.is_nullable for operand in operands)
    return _Part(sql.SQL("({})").format(joined), Kind.BOOLEAN, is_nullable)


def _comparison(operator: str, left: _Part, right: _Part) -> _Part:
    left, right = _alike(operator, left, right)
    is_equality = operator in ("eq", "ne")
    if left.kind is Kind.NULL:
        return _truth(operator == "eq")
    if left.kind is Kind.BOOLEAN and not is_equality:
        raise invalid(f"$filter: {operator} has no meaning for booleans.")
    compared = _COMPARISONS[operator]
    is_nullable = left.is_nullable or right.is_nullable
    if is_nullable and is_equality:
        compared = "IS NOT DISTINCT FROM" if operator == "eq" else "IS DISTINCT FROM"
    template = "coalesce({} {} {}, FALSE)" if is_nullable and not is_equality else "({} {} {})"
    one, other = _exact(left, right)
    return _Part(sql.SQL(template).format(one, sql.SQL(compared), other), Kind.BOOLEAN)


def _exact(*parts: _Part) -> list[sql.Composable]:
    """The parts as they are compared: where one lies within a microsecond, as pairs with the picoseconds."""
    if not any(part.picoseconds for part in parts):
        return [part.sql for part in parts]
    return [sql.SQL("({}, {})").format(part.sql, sql.Literal(part.picoseconds)) for part in parts]


def _in(left: _Part, members: Sequence[Literal]) -> _Part:
    if left.kind is Kind.BOOLEAN:
        raise invalid("$filter: in has no meaning for booleans.")
    values = [literal for literal in members if literal.kind is not Kind.NULL]
    has_null = len(values) < len(members)
    if left.kind is Kind.NULL:
        return _truth(has_null)
    found = [_truth(False).sql]
    if values:
        pairs = [_alike("in", left, _literal(each)) for each in values]
        widest = Kind.NUMBER if any(part.kind is Kind.NUMBER for part, _ in pairs) else left.kind
        one, *others = _exact(_as(left, widest), *(_as(part, widest) for _, part in pairs))
        listed = sql.SQL(", ").join(others)
        found = [sql.SQL("coalesce({} IN ({}), FALSE)").format(one, listed)]
    if has_null:
        found.append(sql.SQL("{} IS NULL").format(left.sql))
    return _Part(sql.SQL("({})").format(sql.SQL(" OR ").join(found)), Kind.BOOLEAN)


def _arithmetic(operator: str, left: _Part, right: _Part) -> _Part:
    kind = _number_kind(operator, left, right)
    templates = _INTEGER_SQL if kind is Kind.INTEGER else _NUMBER_SQL
    if operator not in templates:
        raise not_supported(f"$filter: {operator} is supported for whole numbers only.")
    # As numeric, so that whole numbers never overflow.
    parts = [
        sql.SQL("{}::{}").format(_as(part, kind).sql, sql.SQL(_SQL_TYPES[kind]))
        for part in (left, right)
    ]
    return _Part(
        sql.SQL(templates[operator]).format(*parts), kind, left.is_nullable or right.is_nullable
    )


def _number_kind(operator: str, left: _Part, right: _Part) -> Kind:
    kinds = {left.kind, right.kind}
    if not kinds <= NUMERIC | {Kind.NULL}:
        raise invalid(f"$filter: {operator} takes numbers, not {' and '.join(sorted(kinds))}.")
    return Kind.NUMBER if Kind.NUMBER in kinds else Kind.INTEGER


def _alike(operator: str, left: _Part, right: _Part) -> tuple[_Part, _Part]:
    """Both of one kind. Raises ProblemError for what cannot be compared."""
    kinds = {left.kind, right.kind} - {Kind.NULL}
    if kinds == NUMERIC:
        kinds = {Kind.NUMBER}
    if len(kinds) > 1:
        raise invalid(f"$filter: {operator} cannot compare {' with '.join(sorted(kinds))}.")
    kind = next(iter(kinds), Kind.NULL)
    return _as(left, kind), _as(right, kind)


def _as(part: _Part, kind: Kind) -> _Part:
    """The part as one of the kind: a whole number as any number, null as anything."""
    if part.kind is kind:
        return part
    cast = sql.SQL("({}::{})").format(part.sql, sql.SQL(_SQL_TYPES[kind]))
    return _Part(cast, kind, part.is_nullable)


def _expect(part: _Part, kind: Kind, what: str) -> None:
    if part.kind not in (kind, Kind.NULL):
        raise invalid(f"{what}: there is to be a {kind}, not {_NAMED[part.kind]}.")


def _truth(value: bool) -> _Part:
    return _Part(sql.Literal(value), Kind.BOOLEAN)
