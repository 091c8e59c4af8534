"""A `$filter` is read: precedence climbing over the operators of OData 4.0, and `in` of 4.01."""

from __future__ import annotations

from reports.odata.errors import invalid, not_supported, too_deep
from reports.odata.syntax import Binary, Call, In, Literal, Logical, Node, Property, Unary
from reports.odata.tokens import Token, literal_of, tokens_of, unexpected

MAX_FILTER_CHARACTERS = 4000
MAX_FILTER_DEPTH = 64

_WHAT = "$filter"
_UNARY = 7
_PRECEDENCE = {
    "or": 1, "and": 2, "eq": 3, "ne": 3, "gt": 4, "ge": 4, "lt": 4, "le": 4,
    "add": 5, "sub": 5, "mul": 6, "div": 6, "mod": 6, "in": 8, "has": 8,
}  # fmt: skip


OPERATORS = frozenset(_PRECEDENCE)


def parse_filter(text: str) -> Node:
    """The tree. Its columns are not looked up, and its types not checked. Raises ProblemError."""
    if len(text) > MAX_FILTER_CHARACTERS:
        raise invalid(f"{_WHAT}: send at most {MAX_FILTER_CHARACTERS:,} characters.")
    return _Parser(tokens_of(text, _WHAT)).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.next = 0
        self.nested = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def take_mark(self, mark: str) -> bool:
        is_there = self.token.is_mark(mark)
        self.next += is_there
        return is_there

    def expect(self, mark: str) -> None:
        if not self.take_mark(mark):
            raise unexpected(self.token, _WHAT, repr(mark))

    def whole(self) -> Node:
        node = self.expression()
        if self.token.form != "end":
            raise unexpected(self.token, _WHAT, "an operator")
        return node

    def expression(self, least: int = 1) -> Node:
        """As far as operators bind at least so closely."""
        if self.nested > MAX_FILTER_DEPTH:
            raise _too_deep()
        self.nested += 1
        node = self.operand()
        while self.token.form == "word" and _PRECEDENCE.get(self.token.text, 0) >= least:
            operator = self.take().text
            if operator == "has":
                raise not_supported(f"{_WHAT}: 'has' is not supported.")
            if operator == "in":
                node = In(node, self.members())
            else:
                node = _joined(operator, node, self.expression(_PRECEDENCE[operator] + 1))
            if node.depth > MAX_FILTER_DEPTH + 1:
                raise _too_deep()
        self.nested -= 1
        return node

    def operand(self) -> Node:
        token = self.take()
        if token.is_mark("("):
            node = self.expression()
            self.expect(")")
            return node
        if token.is_mark("-"):
            if self.token.form == "number":
                return self.literal(self.take(), sign=-1)
            return Unary("-", self.expression(_UNARY))
        if token.form == "word" and token.text == "not":
            return Unary("not", self.expression(_UNARY))
        if token.form == "word" and self.take_mark("("):
            return Call(token.text, self.arguments())
        literal = literal_of(token, _WHAT)
        if literal is not None:
            return literal
        if token.form == "word":
            return Property(token.text)
        raise unexpected(token, _WHAT, "a value")

    def arguments(self) -> tuple[Node, ...]:
        if self.take_mark(")"):
            return ()
        found = [self.expression()]
        while self.take_mark(","):
            found.append(self.expression())
        self.expect(")")
        return tuple(found)

    def members(self) -> tuple[Literal, ...]:
        self.expect("(")
        found = [self.member()]
        while self.take_mark(","):
            found.append(self.member())
        self.expect(")")
        return tuple(found)

    def member(self) -> Literal:
        sign = -1 if self.take_mark("-") else 1
        return self.literal(self.take(), sign=sign)

    def literal(self, token: Token, *, sign: int = 1) -> Literal:
        found = literal_of(token, _WHAT, sign=sign)
        if found is None or (sign < 0 and token.form != "number"):
            raise unexpected(token, _WHAT, "a value")
        return found


def _joined(operator: str, left: Node, right: Node) -> Node:
    if operator not in ("and", "or"):
        return Binary(operator, left, right)
    if isinstance(left, Logical) and left.operator == operator:
        return Logical(operator, (*left.operands, right))
    return Logical(operator, (left, right))


def _too_deep() -> Exception:
    return too_deep(f"{_WHAT}: it is nested more than {MAX_FILTER_DEPTH} levels.")
