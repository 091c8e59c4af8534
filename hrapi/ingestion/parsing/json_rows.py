"""JSON bodies to rows, element by element, so that each row keeps the text it was sent as."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NamedTuple, NoReturn

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.parsing.numbers import NumberLiteral
from hrapi.ingestion.sent import Fault, SentRow

MAX_JSON_DEPTH = 64
MAX_PLAIN_FIELDS = 20

_WHITESPACE = re.compile(r"[ \t\n\r]*")


class RepeatedKeys(dict[str, Any]):
    """An object of which some keys were sent twice. The last value of each stands in the dict."""

    __slots__ = ("repeated",)

    repeated: tuple[str, ...]


class JsonBody(NamedTuple):
    """The rows of a body. `is_single` when it was one object instead of an array."""

    rows: list[SentRow]
    is_single: bool


def read_json(body: bytes, *, max_rows: int) -> JsonBody:
    """The rows of a JSON body in UTF-8, with or without a byte order mark.

    Raises ProblemError for a body that is not JSON, neither array nor object, an empty array, nested too
    deep, or with more than `max_rows` elements; then nothing past those was built.
    """
    text = _decode(body)
    start = _skip_space(text, 0)
    if start == len(text):
        raise ProblemError(
            ProblemCode.MALFORMED_JSON,
            "The body is empty. Send a JSON array of rows, or one object.",
        )
    if text[start] == "[":
        plain = _plain_rows(text, max_rows=max_rows)
        if plain is not None:
            return JsonBody(plain, is_single=False)
        return JsonBody(_array_rows(text, start + 1, max_rows=max_rows), is_single=False)
    row = sent_row_from_json(text, index=0, line=None)
    if row.content is None:
        found = type_name(row.faults[0].value)
        raise ProblemError(
            ProblemCode.WRONG_TOP_LEVEL_TYPE,
            f"The body is {found}. Send a JSON array of rows, or one object.",
        )
    return JsonBody([row], is_single=True)


def read_json_value(body: bytes) -> SentRow:
    """The one value that a JSON body in UTF-8 is. Raises ProblemError when it is not JSON."""
    return sent_row_from_json(_decode(body), index=0, line=None)


def sent_row_from_json(text: str, *, index: int, line: int | None) -> SentRow:
    """The row that a whole text is. Raises ProblemError when the text is not exactly one JSON value."""
    start = _skip_space(text, 0)
    value, end = _parse_value(text, start)
    if _skip_space(text, end) != len(text):
        _malformed(text, _skip_space(text, end), "there is more after the end of the value")
    return _sent_row(value, text[start:end], index=index, line=line)


def type_name(value: Any) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, NumberLiteral)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "an array" if isinstance(value, list) else "an object"


def _plain_rows(text: str, *, max_rows: int) -> list[SentRow] | None:
    """The rows of an array in which nothing is unusual, at a third of the cost; None when anything is.

    Quotes tell that no key was sent twice: where none is escaped, each key and each text has exactly two.
    """
    if '\\"' in text or text.count("[") > 1 or text.count(",") > max_rows * MAX_PLAIN_FIELDS:
        return None
    try:
        rows = _decode_plain(text)
    except (ValueError, RecursionError):
        return None
    if not 0 < len(rows) <= max_rows or set(map(type, rows)) != {dict}:
        return None
    keys = sum(map(len, rows))
    texts = [type(value) for row in rows for value in row.values()].count(str)
    if text.count('"') != 2 * (keys + texts):
        return None
    return [SentRow(index, None, row, row) for index, row in enumerate(rows)]


def _array_rows(text: str, position: int, *, max_rows: int) -> list[SentRow]:
    rows: list[SentRow] = []
    position = _skip_space(text, position)
    if text[position : position + 1] == "]":
        _check_end(text, position)
        raise ProblemError(
            ProblemCode.EMPTY_BATCH, f"The array is empty. Send 1 to {max_rows:,} rows."
        )
    while True:
        value, end = _parse_value(text, position)
        if len(rows) == max_rows:
            raise ProblemError(
                ProblemCode.BATCH_TOO_LARGE,
                f"The batch has more than {max_rows:,} rows. Send it in parts, or load it as a file.",
            )
        rows.append(_sent_row(value, text[position:end], index=len(rows), line=None))
        # The common separators first: a regular expression for each row costs more than it all.
        position = end
        if text[position : position + 1] not in (",", "]"):
            position = _skip_space(text, position)
        separator = text[position : position + 1]
        if separator == "]":
            _check_end(text, position)
            return rows
        if separator != ",":
            _malformed(text, position, "a comma or ] is expected")
        position += 1
        if text[position : position + 1] != "{":
            position = _skip_space(text, position)


def _sent_row(value: Any, raw: str, *, index: int, line: int | None) -> SentRow:
    kind = type(value)
    if kind is dict:
        return SentRow(index, line, value, raw)
    if kind is RepeatedKeys:
        return SentRow(index, line, value, raw, tuple(_repeated_faults(value)))
    fault = Fault(
        None, RowCode.NOT_AN_OBJECT, f"The row is {type_name(value)}. Send an object.", value
    )
    return SentRow(index, line, None, raw, (fault,))


def _repeated_faults(row: RepeatedKeys) -> list[Fault]:
    return [
        Fault(key, RowCode.DUPLICATE_KEY, "The key was sent more than once in one row.", row[key])
        for key in row.repeated
    ]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) == len(pairs):
        return row
    times = Counter(key for key, _ in pairs)
    repeating = RepeatedKeys(row)
    repeating.repeated = tuple(key for key, number in times.items() if number > 1)
    return repeating


def _scanner(**options: Any) -> Any:
    decoder: Any = json.JSONDecoder(
        object_pairs_hook=_object,
        parse_float=NumberLiteral,
        parse_constant=NumberLiteral,
        **options,
    )
    return decoder.scan_once


_decode_plain = json.JSONDecoder(parse_float=NumberLiteral, parse_constant=NumberLiteral).decode
_scan = _scanner()
_scan_long_numbers = _scanner(parse_int=NumberLiteral)


def _parse_value(text: str, position: int) -> tuple[Any, int]:
    try:
        try:
            value, end = _scan(text, position)
        except ValueError as error:
            if isinstance(error, json.JSONDecodeError):
                raise
            # Python refuses to convert thousands of digits; as text they can still be judged and logged.
            value, end = _scan_long_numbers(text, position)
    except StopIteration as stop:
        _malformed(text, stop.value, "a value is expected")
    except json.JSONDecodeError as error:
        _malformed(text, error.pos, error.msg[:1].lower() + error.msg[1:])
    except RecursionError:
        _too_deep()
    # Flat rows, nearly all there are, show by their text that they need no closer look.
    may_be_nested = text.find("[", position, end) >= 0 or text.find("{", position + 1, end) >= 0
    if may_be_nested and _is_deeper(value, MAX_JSON_DEPTH - 1):
        _too_deep()
    return value, end


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether `value` has more than `depth` levels of arrays and objects. Without recursion."""
    level: list[Any] = [value]
    for _ in range(depth + 1):
        level = [container for container in level if isinstance(container, (dict, list))]
        if not level:
            return False
        level = [
            member
            for container in level
            for member in (container.values() if isinstance(container, dict) else container)
        ]
    return True


def _decode(body: bytes) -> str:
    # UTF-16 without its mark would decode as UTF-8 with NULs; no JSON text has one in its first two bytes.
    if b"\x00" in body[:2]:
        position = body.index(b"\x00")
        raise _undecodable(body, position)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = 3 if body.startswith(b"\xef\xbb\xbf") else 0
        raise _undecodable(body, error.start + mark) from None


def _undecodable(body: bytes, position: int) -> ProblemError:
    return ProblemError(
        ProblemCode.UNDECODABLE,
        f"The body is not UTF-8: byte {position} (from 0) is 0x{body[position]:02X}. JSON is sent as UTF-8.",
    )


def _check_end(text: str, position: int) -> None:
    end = _skip_space(text, position + 1)
    if end != len(text):
        _malformed(text, end, "there is more after the end of the array")


def _skip_space(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    return match.end() if match else position


def _malformed(text: str, position: int, problem: str) -> NoReturn:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    raise ProblemError(
        ProblemCode.MALFORMED_JSON,
        f"The body is not valid JSON: at line {line}, column {column}, {problem}.",
    ) from None


def _too_deep() -> NoReturn:
    raise ProblemError(
        ProblemCode.TOO_DEEP, f"The JSON is nested more than {MAX_JSON_DEPTH} levels deep."
    ) from None
