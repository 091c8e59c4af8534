"""The types that a row's fields can have: how what was sent becomes what is stored, or a reason why not.

One parser a type, used by the row schemas (pydantic) for everything that takes rows. A parser gets
whatever JSON, a CSV cell or a form field held, and returns the value to store or raises
`PydanticCustomError` whose type is a `RowCode`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.parsing.numbers import NumberLiteral, exact_integer

MAX_ID = 2**53 - 1
MAX_TEXT_LENGTH = 255
MIN_YEAR, MAX_YEAR = 1900, 2100

# One character in NFC stands for at most four.
_MAX_DECOMPOSITION = 4

# What str.strip() takes off, and what it leaves: zero width space, word joiner, zero width no-break space.
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u2060\ufeff"
# Letters and symbols that show nothing: Hangul fillers, the empty Braille pattern.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Controls, line and paragraph separators, direction overrides and isolates, surrogates, noncharacters.
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_MAX_ID_DIGITS = len(str(MAX_ID))
_INTEGER = re.compile(r"-?[0-9]+(?:\.0*)?")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)
_PLAIN_TEXT = re.compile("[ -~À-ɏ]*")
_PLAIN_MOMENTS = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z(?:\n|\Z))*"
)
_DATETIME_WANTED = "Write it like 2021-07-27T16:02:08Z or 2021-07-27T16:02:08+02:00."


def parse_integer(value: Any) -> int:
    """An id: 1 to 2^53-1. `7`, `7.0` and `"7"` are 7; nothing is ever rounded."""
    if type(value) is int:
        number = value
    elif type(value) is str:
        number = _integer_of_text(_stripped(value))
    elif type(value) is NumberLiteral:
        number = _exact_integer(value.text)
    elif value is None:
        raise _required()
    else:
        raise _wrong_type("an integer", value)
    if 1 <= number <= MAX_ID:
        return number
    raise PydanticCustomError(
        RowCode.OUT_OF_RANGE.value, f"The number must lie between 1 and {MAX_ID}."
    )


def parse_text(value: Any) -> str:
    """A name: trimmed, in Unicode NFC, 1 to 255 code points, with nothing that cannot be seen or printed."""
    if type(value) is not str:
        raise _required() if value is None else _wrong_type("a text", value)
    text = value.strip()
    if not text.isascii():
        text = _stripped(text)
        if _is_blank(text):
            raise _required()
        # Normalizing takes quadratic time in the worst case; a longer text cannot become short enough.
        if len(text) <= MAX_TEXT_LENGTH * _MAX_DECOMPOSITION and not FORBIDDEN.search(text):
            text = unicodedata.normalize("NFC", text)
    elif not text:
        raise _required()
    forbidden = FORBIDDEN.search(text)
    if forbidden is not None:
        raise PydanticCustomError(
            RowCode.FORBIDDEN_CHARACTER.value,
            f"The character U+{ord(forbidden[0]):04X} at position {forbidden.start() + 1}"
            " cannot be kept. Remove it.",
        )
    if len(text) > MAX_TEXT_LENGTH:
        raise PydanticCustomError(
            RowCode.TOO_LONG.value,
            f"The text has {len(text)} characters; at most {MAX_TEXT_LENGTH} are allowed.",
        )
    return text


def parse_datetime(value: Any) -> datetime:
    """A time of hire as an aware datetime in UTC, microseconds kept. Without an offset it is read as UTC."""
    if type(value) is not str:
        raise _no_datetime(value)
    text = value.strip()
    if _DATETIME.fullmatch(text) is None:
        if _is_blank(_stripped(text)):
            raise _required()
        raise _invalid_datetime("This is not an ISO 8601 date and time.")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise _invalid_datetime("There is no such date, time or offset.") from None
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise _year_out_of_range() from None
    if MIN_YEAR <= moment.year <= MAX_YEAR:
        return moment
    raise _year_out_of_range()


def is_missing(value: Any) -> bool:
    """Whether a sent value counts as not sent: null, empty, or nothing that can be seen."""
    if type(value) is not str:
        return value is None
    text = _stripped(value)
    return not text or (not text.isascii() and _is_blank(text))


_ID_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
_TEXT_SCHEMA = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_LENGTH}
_DATETIME_SCHEMA = {"type": "string", "format": "date-time"}


@dataclass(frozen=True)
class Plain:
    """How a type reads a whole column of plain values at once, with no Python for each of them.

    Gives what the type's parser gives for each value, in order, or None when one of them is not plain.
    """

    parse: Callable[[Sequence[Any]], Sequence[Any] | None]


def plain_integers(column: Sequence[Any]) -> Sequence[int] | None:
    """Positive numbers, or digits: in CSV all is text."""
    kinds = set(map(type, column))
    if kinds == {str}:
        digits = "".join(column)
        if not (digits.isascii() and digits.isdigit() and max(map(len, column)) <= _MAX_ID_DIGITS):
            return None
        # An empty cell among them has no digit, and int() would read "" as nothing at all.
        if "" in column:
            return None
        column = list(map(int, column))
    elif kinds != {int}:
        return None
    return column if min(column) >= 1 and max(column) <= MAX_ID else None


def plain_texts(column: Sequence[Any]) -> Sequence[str] | None:
    """Printable ASCII and Latin letters with their accents in one character: in NFC as they are."""
    if set(map(type, column)) != {str} or _PLAIN_TEXT.fullmatch("".join(column)) is None:
        return None
    texts = list(map(str.strip, column))
    return texts if "" not in texts and max(map(len, texts)) <= MAX_TEXT_LENGTH else None


def plain_moments(column: Sequence[Any]) -> Sequence[datetime] | None:
    """Times to the second that end in Z."""
    if set(map(type, column)) != {str} or _PLAIN_MOMENTS.fullmatch("\n".join(column)) is None:
        return None
    try:
        moments = list(map(datetime.fromisoformat, column))
    except ValueError:
        return None
    return moments if min(moments).year >= MIN_YEAR and max(moments).year <= MAX_YEAR else None


@dataclass(frozen=True)
class Personal:
    """Marks a field that tells who somebody is. Only who may see names sees it."""


Id = Annotated[
    int, PlainValidator(parse_integer), WithJsonSchema(_ID_SCHEMA), Plain(plain_integers)
]
Reference = Id
Text = Annotated[str, PlainValidator(parse_text), WithJsonSchema(_TEXT_SCHEMA), Plain(plain_texts)]
PersonalText = Annotated[Text, Personal()]
Moment = Annotated[
    datetime,
    PlainValidator(parse_datetime),
    WithJsonSchema(_DATETIME_SCHEMA),
    Plain(plain_moments),
]


def _stripped(text: str) -> str:
    """`text` without spaces at its ends, those that have no width included."""
    return text.strip(_SPACES)


def _is_blank(text: str) -> bool:
    """Whether nothing in `text` can be seen. Direction overrides are no blanks: they are forbidden."""
    for character in text:
        category = unicodedata.category(character)
        is_invisible = (
            character.isspace()
            or character in _BLANK_LETTERS
            or category[0] == "M"
            or (category == "Cf" and not FORBIDDEN.match(character))
        )
        if not is_invisible:
            return False
    return True


def _integer_of_text(text: str) -> int:
    if _is_blank(text):
        raise _required()
    # A JSON number may be written with an exponent, a text must be plain digits.
    if _INTEGER.fullmatch(text) is None:
        raise _not_an_integer()
    return _exact_integer(text)


def _exact_integer(literal: str) -> int:
    number = exact_integer(literal)
    if number is None:
        raise _not_an_integer()
    return number


def _required() -> PydanticCustomError:
    return PydanticCustomError(RowCode.REQUIRED.value, "This field is required.")


def _wrong_type(wanted: str, value: Any) -> PydanticCustomError:
    names = {bool: "a boolean", list: "a list", dict: "an object", int: "a number"}
    sent = "a number" if isinstance(value, NumberLiteral) else names.get(type(value), "an object")
    return PydanticCustomError(RowCode.WRONG_TYPE.value, f"Send {wanted}, not {sent}.")


def _not_an_integer() -> PydanticCustomError:
    return PydanticCustomError(
        RowCode.NOT_AN_INTEGER.value, "Send a whole number in the digits 0 to 9, like 7."
    )


def _no_datetime(value: Any) -> PydanticCustomError:
    if value is None:
        return _required()
    if isinstance(value, (NumberLiteral, int)) and not isinstance(value, bool):
        return _invalid_datetime("A number is not a date and time.")
    return _wrong_type("a date and time", value)


def _invalid_datetime(found: str) -> PydanticCustomError:
    return PydanticCustomError(RowCode.INVALID_DATETIME.value, f"{found} {_DATETIME_WANTED}")


def _year_out_of_range() -> PydanticCustomError:
    return PydanticCustomError(
        RowCode.OUT_OF_RANGE.value, f"The year in UTC must lie between {MIN_YEAR} and {MAX_YEAR}."
    )
