"""Numbers of JSON that Python's int and float would change or refuse: kept as they were written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MAX_PLAIN_DIGITS, MAX_EXACT_DIGITS = 18, 15
_LITERAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number as it was written: a fraction, an exponent, NaN, Infinity, or more digits than an id has."""

    text: str


def exact_integer(literal: str) -> int | None:
    """The integer that the literal is exactly; None when it is none: a fraction, NaN, infinite as a double.

    Of an integer with more digits than an id can have, only the sign and the great size are true.
    """
    match = _LITERAL.fullmatch(literal)
    if match is None:
        return None
    sign, whole, fraction, exponent = match.groups(default="")
    digits = whole + fraction
    shift = int(exponent or 0) - len(fraction)
    if not digits.strip("0"):
        return 0
    if shift < 0:
        if digits[shift:].strip("0"):
            return None
        digits = digits[:shift]
    elif exponent:
        if not math.isfinite(float(literal)):
            return None
        digits += "0" * shift
    digits = digits.lstrip("0")[: MAX_PLAIN_DIGITS + 1]
    return -int(digits) if sign else int(digits)


def plain_number(literal: NumberLiteral) -> float | str:
    """The literal for an answer: a JSON number when a double holds it finitely, else the text."""
    number = float(literal.text)
    # A double holds fifteen digits whatever they are.
    is_plain = abs(number) < 10**MAX_EXACT_DIGITS and len(literal.text) <= MAX_EXACT_DIGITS
    return number if is_plain else literal.text
