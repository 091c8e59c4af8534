"""The parsers of the fields, value by value."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.fields import (
    MAX_ID,
    is_missing,
    parse_datetime,
    parse_integer,
    parse_text,
)
from hrapi.ingestion.parsing.json_rows import read_json
from hrapi.ingestion.parsing.numbers import NumberLiteral

PARSERS = [parse_integer, parse_text, parse_datetime]


def code_of(parse: Any, value: Any) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        parse(value)
    assert caught.value.message()
    return caught.value.type


@pytest.mark.parametrize(
    "value, number",
    [
        (1, 1),
        (7, 7),
        (2**31 - 1, 2147483647),
        (2**31, 2147483648),
        (2**53 - 1, 9007199254740991),
        ("1", 1),
        ("7", 7),
        ("007", 7),
        (" 7", 7),
        ("7\n", 7),
        ("\u00a07\u3000", 7),
        ("\ufeff7", 7),
        ("7.0", 7),
        ("7.00000", 7),
        ("9007199254740991", 9007199254740991),
        (NumberLiteral("7.0"), 7),
        (NumberLiteral("7e0"), 7),
        (NumberLiteral("7E+0"), 7),
        (NumberLiteral("0.7e1"), 7),
        (NumberLiteral("700e-2"), 7),
        (NumberLiteral("7.50e1"), 75),
        (NumberLiteral("9007199254740991.0"), 9007199254740991),
        (NumberLiteral("9.007199254740991E15"), 9007199254740991),
        (NumberLiteral("0.00000000000000000000007e23"), 7),
    ],
    ids=repr,
)
def test_an_integer_is_read_exactly(value: Any, number: int) -> None:
    parsed = parse_integer(value)

    assert parsed == number
    assert type(parsed) is int


@pytest.mark.parametrize(
    "value, code",
    [
        (None, "required"),
        ("", "required"),
        (" ", "required"),
        ("\t\n", "required"),
        ("\u00a0", "required"),
        ("\u3000", "required"),
        ("\u200b", "required"),
        ("\u2060\ufeff", "required"),
        ("\u200d", "required"),
        ("\u0301", "required"),
        (True, "wrong_type"),
        (False, "wrong_type"),
        ([], "wrong_type"),
        ([7], "wrong_type"),
        ({}, "wrong_type"),
        ({"id": 7}, "wrong_type"),
        (0, "out_of_range"),
        (-1, "out_of_range"),
        (2**53, "out_of_range"),
        (2**63 - 1, "out_of_range"),
        (2**63, "out_of_range"),
        (-(2**63) - 1, "out_of_range"),
        (10**4000, "out_of_range"),
        ("0", "out_of_range"),
        ("-0", "out_of_range"),
        ("0.0", "out_of_range"),
        ("-7", "out_of_range"),
        ("9007199254740992", "out_of_range"),
        ("9" * 5000, "out_of_range"),
        ("-" + "9" * 5000, "out_of_range"),
        (NumberLiteral("0.0"), "out_of_range"),
        (NumberLiteral("-0.0"), "out_of_range"),
        (NumberLiteral("0e99999"), "out_of_range"),
        (NumberLiteral("-7.0"), "out_of_range"),
        (NumberLiteral("9007199254740992.0"), "out_of_range"),
        (NumberLiteral("1e16"), "out_of_range"),
        (NumberLiteral("1e308"), "out_of_range"),
        (NumberLiteral("9" * 5000), "out_of_range"),
        (NumberLiteral("NaN"), "not_an_integer"),
        (NumberLiteral("Infinity"), "not_an_integer"),
        (NumberLiteral("-Infinity"), "not_an_integer"),
        (NumberLiteral("1e309"), "not_an_integer"),
        (NumberLiteral("1e400"), "not_an_integer"),
        (NumberLiteral("1e999999999"), "not_an_integer"),
        (NumberLiteral("1e-1"), "not_an_integer"),
        (NumberLiteral("7e-99999"), "not_an_integer"),
        (NumberLiteral("1e-999999999"), "not_an_integer"),
        (NumberLiteral("1.5"), "not_an_integer"),
        (NumberLiteral("-1.5"), "not_an_integer"),
        (NumberLiteral("7.000000000000000000000000000001"), "not_an_integer"),
        (NumberLiteral("9007199254740990.5"), "not_an_integer"),
        ("1.5", "not_an_integer"),
        ("1e3", "not_an_integer"),
        ("7e0", "not_an_integer"),
        ("NaN", "not_an_integer"),
        ("Infinity", "not_an_integer"),
        ("0x10", "not_an_integer"),
        ("1_000", "not_an_integer"),
        ("1,000", "not_an_integer"),
        ("1 000", "not_an_integer"),
        ("1.000.000", "not_an_integer"),
        ("7.0.0", "not_an_integer"),
        ("+7", "not_an_integer"),
        ("--7", "not_an_integer"),
        ("7-", "not_an_integer"),
        ("-", "not_an_integer"),
        (".", "not_an_integer"),
        (".7", "not_an_integer"),
        ("−7", "not_an_integer"),
        ("٧", "not_an_integer"),
        ("۷", "not_an_integer"),
        ("७", "not_an_integer"),
        ("７", "not_an_integer"),
        ("𝟕", "not_an_integer"),
        ("½", "not_an_integer"),
        ("²", "not_an_integer"),
        ("⑦", "not_an_integer"),
        ("七", "not_an_integer"),
        ("seven", "not_an_integer"),
        ("7\x00", "not_an_integer"),
        ("\x00", "not_an_integer"),
        ("7\n8", "not_an_integer"),
        ("\ud800", "not_an_integer"),
        ("\u202e7", "not_an_integer"),
        ("true", "not_an_integer"),
        ("null", "not_an_integer"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_integer_has_a_code(value: Any, code: str) -> None:
    assert code_of(parse_integer, value) == code


@pytest.mark.parametrize(
    "value, text",
    [
        ("A", "A"),
        ("  Ada  Byron ", "Ada  Byron"),
        ("\tAda\r\n", "Ada"),
        ("\u00a0\u200bAda\u200b\u00a0", "Ada"),
        ("\u200b \u200b \u200bAda", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("Zo\u00eb", "Zoë"),
        ("ﬁ", "ﬁ"),
        ("\u212b", "Å"),
        ("😀", "😀"),
        ("x" * 255, "x" * 255),
        ("👍" * 255, "👍" * 255),
        (" " + "x" * 255 + " ", "x" * 255),
        ("e\u0301" * 255, "é" * 255),
        ("α\u0313\u0301\u0345" * 255, "ᾄ" * 255),
        ("a\u0301", "á"),
        ("\u0301a", "\u0301a"),
        ("\u200da", "\u200da"),
        ("None", "None"),
        ("0", "0"),
        ("\\", "\\"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_text_is_trimmed_and_composed(value: str, text: str) -> None:
    assert parse_text(value) == text


@pytest.mark.parametrize(
    "value, code",
    [
        (None, "required"),
        ("", "required"),
        ("   ", "required"),
        ("\t\r\n\x0b\x0c", "required"),
        ("\u00a0\u1680\u2000\u2007\u202f\u205f\u3000", "required"),
        ("\u200b\u200c\u200d\u2060\ufeff\u00ad", "required"),
        ("\u0301", "required"),
        ("\u3164", "required"),
        ("\u2800", "required"),
        (0, "wrong_type"),
        (7, "wrong_type"),
        (True, "wrong_type"),
        (False, "wrong_type"),
        (NumberLiteral("1.5"), "wrong_type"),
        (NumberLiteral("NaN"), "wrong_type"),
        ([], "wrong_type"),
        (["Ada"], "wrong_type"),
        ({}, "wrong_type"),
        (b"Ada", "wrong_type"),
        ("x" * 256, "too_long"),
        ("é" * 256, "too_long"),
        ("👍" * 256, "too_long"),
        ("e\u0301" * 256, "too_long"),
        ("\U0001d15e" * 200, "too_long"),
        ("a\x00", "forbidden_character"),
        ("\x00", "forbidden_character"),
        ("a\nb", "forbidden_character"),
        ("a\x7fb", "forbidden_character"),
        ("a\x85b", "forbidden_character"),
        ("a\u2028b", "forbidden_character"),
        ("a\u202eb", "forbidden_character"),
        ("\u202e", "forbidden_character"),
        ("\u2066", "forbidden_character"),
        ("\ud800", "forbidden_character"),
        ("\udfffa", "forbidden_character"),
        ("a\uffff", "forbidden_character"),
        ("x" * 300 + "\x00", "forbidden_character"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_text_has_a_code(value: Any, code: str) -> None:
    assert code_of(parse_text, value) == code


def test_every_forbidden_character_is_forbidden_everywhere_inside() -> None:
    ranges = [
        (0x00, 0x1F),
        (0x7F, 0x9F),
        (0x2028, 0x202E),
        (0x2066, 0x2069),
        (0xD800, 0xDFFF),
        (0xFDD0, 0xFDEF),
        (0xFFFE, 0xFFFF),
    ]

    codes = {
        code_of(parse_text, f"a{chr(point)}b")
        for first, last in ranges
        for point in range(first, last + 1)
    }

    assert codes == {"forbidden_character"}


def test_no_other_control_or_separator_of_lines_gets_through() -> None:
    let_through = [
        point
        for point in range(0x110000)
        if unicodedata.category(chr(point)) in {"Cc", "Cs", "Zl", "Zp"} and not_refused(chr(point))
    ]

    assert let_through == []


def not_refused(character: str) -> bool:
    try:
        parse_text(f"a{character}b")
    except PydanticCustomError:
        return False
    return True


@pytest.mark.parametrize(
    "value, moment",
    [
        ("2021-07-27T16:02:08Z", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)),
        ("2021-07-27t16:02:08z", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)),
        ("2021-07-27 16:02:08", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)),
        (" 2021-07-27T16:02:08 ", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)),
        ("2021-07-27T16:02Z", datetime(2021, 7, 27, 16, 2, tzinfo=UTC)),
        ("2021-07-27T16:02:08+05:30", datetime(2021, 7, 27, 10, 32, 8, tzinfo=UTC)),
        ("2021-07-27T16:02:08-23:59", datetime(2021, 7, 28, 16, 1, 8, tzinfo=UTC)),
        ("2021-07-27T16:02:08.1Z", datetime(2021, 7, 27, 16, 2, 8, 100_000, tzinfo=UTC)),
        ("2021-07-27T16:02:08.12Z", datetime(2021, 7, 27, 16, 2, 8, 120_000, tzinfo=UTC)),
        ("2021-07-27T16:02:08.1234Z", datetime(2021, 7, 27, 16, 2, 8, 123_400, tzinfo=UTC)),
        ("2021-07-27T16:02:08.999999Z", datetime(2021, 7, 27, 16, 2, 8, 999_999, tzinfo=UTC)),
        ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2100-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_datetime_is_read_in_utc(value: str, moment: datetime) -> None:
    parsed = parse_datetime(value)

    assert parsed == moment
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "value, code",
    [
        (None, "required"),
        ("", "required"),
        ("  ", "required"),
        ("\u00a0\u200b", "required"),
        (True, "wrong_type"),
        (False, "wrong_type"),
        ([], "wrong_type"),
        ({}, "wrong_type"),
        (0, "invalid_datetime"),
        (1627401728, "invalid_datetime"),
        (NumberLiteral("1.5"), "invalid_datetime"),
        (NumberLiteral("NaN"), "invalid_datetime"),
        ("2021-07-27", "invalid_datetime"),
        ("2021-02-29T00:00:00Z", "invalid_datetime"),
        ("2021-07-27T24:00:00Z", "invalid_datetime"),
        ("2021-07-27T23:59:60Z", "invalid_datetime"),
        ("2021-07-27T16:02:08+24:00", "invalid_datetime"),
        ("2021-07-27T16:02:08+05:60", "invalid_datetime"),
        ("2021-07-27T16:02:08-05:99", "invalid_datetime"),
        ("2021-07-27T16:02:08.1234567Z", "invalid_datetime"),
        ("2021-W30-2T16:02:08Z", "invalid_datetime"),
        ("20210727T160208Z", "invalid_datetime"),
        ("now", "invalid_datetime"),
        ("\x00", "invalid_datetime"),
        ("\ud800", "invalid_datetime"),
        ("2021-07-27T16:02:08Z\x00", "invalid_datetime"),
        ("0000-01-01T00:00:00Z", "invalid_datetime"),
        ("0001-01-01T00:00:00+23:59", "out_of_range"),
        ("1899-12-31T23:59:59.999999Z", "out_of_range"),
        ("2101-01-01T00:00:00Z", "out_of_range"),
        ("9999-12-31T23:59:59-23:59", "out_of_range"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_datetime_has_a_code(value: Any, code: str) -> None:
    assert code_of(parse_datetime, value) == code


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec=None), max_size=20)
    | st.from_regex(
        r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,6})?", fullmatch=True
    ).map(NumberLiteral),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("parse", PARSERS)
@given(value=json_values)
@example(value="\ud800")
@example(value="\u200b\x00")
def test_a_parser_gives_a_value_or_a_code_of_rows_whatever_it_gets(parse: Any, value: Any) -> None:
    code = None
    try:
        parsed = parse(value)
    except PydanticCustomError as error:
        code = error.type

    if code is None:
        assert not is_missing(value)
        assert type(parsed) in (int, str, datetime)
    else:
        assert code in set(RowCode)


@given(text=st.text(st.characters(codec=None), max_size=50))
def test_a_stored_text_is_read_as_itself_again(text: str) -> None:
    try:
        stored = parse_text(text)
    except PydanticCustomError:
        assume(False)
    assert parse_text(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert 1 <= len(stored) <= 255
    assert stored.strip() == stored


@given(number=st.integers(min_value=1, max_value=MAX_ID))
def test_every_id_is_read_alike_however_it_is_written(number: int) -> None:
    assert parse_integer(number) == number
    assert parse_integer(str(number)) == number
    assert parse_integer(NumberLiteral(f"{number}.0")) == number
    assert parse_integer(NumberLiteral(f"{number}0e-1")) == number


@given(
    moment=st.datetimes(
        min_value=datetime(1900, 1, 2),  # noqa: DTZ001 - hypothesis wants it so
        max_value=datetime(2100, 12, 30),  # noqa: DTZ001
        timezones=st.timezones(),
    )
)
def test_every_moment_is_read_in_utc_whatever_its_offset(moment: datetime) -> None:
    # Offsets of long ago, with seconds, are not ISO 8601.
    assume(moment.utcoffset().total_seconds() % 60 == 0)

    assert parse_datetime(moment.isoformat()) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    "value, missing",
    [
        (None, True),
        ("", True),
        (" \t", True),
        ("\u200b\u200d\u0301", True),
        ("\u3164", True),
        ("a", False),
        ("\x00", False),
        ("\u202e", False),
        ("\ud800", False),
        (0, False),
        (False, False),
        ([], False),
        ({}, False),
        (NumberLiteral("0"), False),
    ],
    ids=repr,
)
def test_a_value_is_missing_when_nothing_of_it_can_be_seen(value: Any, missing: bool) -> None:
    assert is_missing(value) is missing


@given(text=st.text(" \u00a0\u200b\u200d\ufeff\u00ad\u0301\u3164\u2800\ufe0f", max_size=6))
def test_what_is_missing_is_required_by_every_parser(text: str) -> None:
    assert is_missing(text)
    assert [code_of(parse, text) for parse in PARSERS] == ["required"] * 3


@given(number=st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_json_number_is_an_id_only_when_it_is_exactly_an_integer_in_range(number: Any) -> None:
    [sent] = read_json(f'[{{"id": {number!r}}}]'.encode(), max_rows=1).rows
    fits = 1 <= number <= MAX_ID and number == int(number)

    try:
        parsed = parse_integer(sent.content["id"])
    except PydanticCustomError:
        assert not fits
    else:
        assert fits
        assert parsed == number
