"""Text becomes tokens, and those that are values become literals. The forms are those of OData 4.0 (ABNF)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from hrapi.api.problems import ProblemError
from reports.odata.errors import invalid, not_supported
from reports.odata.syntax import Kind, Literal

MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
_MICROSECOND_DIGITS, _PICOSECOND_DIGITS = 6, 12

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t]+)
  | (?P<other>[A-Za-z_][A-Za-z0-9_.]*'(?:[^']|'')*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<datetime>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,12})?)?
        (?:[Zz]|[+-][0-9]{2}:[0-9]{2}))
  | (?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})
  | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})
  | (?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,12})?)?)
  | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
  | (?P<qualified>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>[(),=-])
  | (?P<path>[/$@:.*])
    """,
    re.VERBOSE,
)
_GOES_ON = re.compile(r"[\w'.]")
_OF_WORDS = {"true": True, "false": False}


@dataclass(frozen=True)
class Token:
    """`form` is the name of a group of the pattern, `end` for none."""

    form: str
    text: str
    place: int

    def is_mark(self, mark: str) -> bool:
        return self.form == "mark" and self.text == mark


def tokens_of(text: str, what: str) -> list[Token]:
    """The tokens, without spaces, and one of the form `end`. Raises ProblemError; `what` is named in it."""
    refuse_what_is_no_text(text, what)
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        form = (match and match.lastgroup) or ""
        is_value = form not in ("space", "mark", "path")
        if match is None or (is_value and _GOES_ON.match(text, match.end())):
            raise invalid(f"{what}: {text[place : place + 20]!r} at {place + 1} cannot be read.")
        if form in ("path", "qualified"):
            raise not_supported(f"{what}: {match[0]!r} at {place + 1} is not supported here.")
        if form != "space":
            found.append(Token(form, match[0], place))
        place = match.end()
    return [*found, Token("end", "", place)]


def refuse_what_is_no_text(text: str, what: str) -> None:
    """PostgreSQL takes no NUL, and UTF-8 no half of a pair."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise invalid(f"{what}: there is a character in it that no text holds.")


def literal_of(token: Token, what: str, *, sign: int = 1) -> Literal | None:
    """The value of the token; None where it is none. Raises ProblemError for one that does not exist."""
    if token.form in ("other", "guid", "time") or token.text in ("INF", "NaN"):
        raise not_supported(f"{what}: values like {token.text[:20]!r} are not supported.")
    if token.form == "word":
        if token.text == "null":
            return Literal(None, Kind.NULL)
        return Literal(_OF_WORDS[token.text], Kind.BOOLEAN) if token.text in _OF_WORDS else None
    read = _READERS.get(token.form)
    if read is None:
        return None
    try:
        return read(token.text, sign)
    except (ValueError, OverflowError):
        raise invalid(f"{what}: there is no {token.form} {token.text[:40]!r}.") from None


def _text(text: str, sign: int) -> Literal:
    return Literal(text[1:-1].replace("''", "'"), Kind.TEXT)


def _number(text: str, sign: int) -> Literal:
    if text.isdigit():
        number = sign * int(text)
        if not MIN_INTEGER <= number <= MAX_INTEGER:
            raise OverflowError
        return Literal(number, Kind.INTEGER)
    value = sign * float(text)
    if math.isinf(value):
        raise OverflowError
    return Literal(value, Kind.NUMBER)


def _date(text: str, sign: int) -> Literal:
    return Literal(date.fromisoformat(text), Kind.DATE)


def _datetime(text: str, sign: int) -> Literal:
    text, picoseconds = text.upper(), 0
    match = re.fullmatch(r"([^.]*)\.([0-9]+)(.*)", text)
    if match:
        fraction = match[2].ljust(_PICOSECOND_DIGITS, "0")
        picoseconds = int(fraction[_MICROSECOND_DIGITS:])
        text = f"{match[1]}.{fraction[:_MICROSECOND_DIGITS]}{match[3]}"
    return Literal(datetime.fromisoformat(text), Kind.DATETIME, picoseconds)


_READERS: dict[str, Callable[[str, int], Literal]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
}


def unexpected(token: Token, what: str, expected: str) -> ProblemError:
    found = repr(token.text[:20]) if token.form != "end" else "the end"
    return invalid(f"{what}: {expected} is missing at {token.place + 1}, where {found} is.")
