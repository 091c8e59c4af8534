"""A column of values is what its values are one by one, plain or not."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from hrapi.ingestion.columns import ColumnParser
from hrapi.ingestion.fields import MAX_ID, parse_datetime, parse_integer, parse_text
from hrapi.ingestion.parsing.numbers import NumberLiteral
from hrapi.tables import get_table

FIELDS = get_table("employees").row.model_fields

NOT_IDS = ["", " 7", "007", "7.0", "-1", "0", "\u0667", "\u00b2", "9" * 17, "9" * 5000]
NOT_IDS_IN_JSON = [0, -1, MAX_ID + 1, 10**30, 7.5, NumberLiteral("7.0"), True, None, [], {}]
NOT_TEXTS = [
    "",
    " ",
    " Ada ",
    " " * 300,
    "x" * 255,
    "x" * 256,
    "é" * 256,
    "a\nb",
    "\t",
    "\x7f",
    "\x85",
]
NOT_LATIN = ["Zoe\u0308", "\u00a0", "Ada\u00a0", "\u00d7", "\u00ad", "\ufeffAda", "李"]
OTHERS = [7, True, None, [], {}]
NOT_MOMENTS = [
    "2021-01-01",
    "2021-01-01T00:00:00",
    "2021-01-01T00:00:00.5Z",
    "2021-01-01T00:00:00+01:00",
    "2021-01-01t00:00:00z",
    "2021-02-30T00:00:00Z",
    "2021-01-01T24:00:00Z",
    "2021-01-01T00:60:00Z",
    "2021-01-01T00:00:60Z",
    "0000-01-01T00:00:00Z",
    "1899-12-31T23:59:59Z",
    "2100-12-31T23:59:59Z",
    "2101-01-01T00:00:00Z",
    "٢021-01-01T00:00:00Z",
]
NOT_ONE_MOMENT = ["", "\n", " 2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z\n2021-01-01T00:00:00Z"]

plain_ids = st.integers(1, MAX_ID) | st.integers(1, 2**54).map(str)
plain_texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F), max_size=20)
plain_moments = st.datetimes(timezones=st.just(UTC)).map("{:%Y-%m-%dT%H:%M:%SZ}".format)
odd_ids = st.sampled_from(NOT_IDS + NOT_IDS_IN_JSON)
odd_texts = st.sampled_from(NOT_TEXTS + NOT_LATIN + OTHERS)
odd_moments = st.sampled_from(NOT_MOMENTS + NOT_ONE_MOMENT + OTHERS)


def one_by_one(parse: Any, column: list[Any]) -> list[tuple[str, Any]]:
    found = []
    for sent in column:
        try:
            found.append(("value", parse(sent)))
        except PydanticCustomError as error:
            found.append((error.type, error.message()))
    return found


def at_once(field: str, column: list[Any]) -> list[tuple[str, Any]]:
    values, faults = ColumnParser(field, FIELDS[field])(column)
    assert len(values) == len(column)
    told = {position: (type(fault.value), fault.value) for position, fault in faults.items()}
    assert told == {position: (type(column[position]), column[position]) for position in faults}
    assert {fault.field for fault in faults.values()} <= {field}
    return [
        (faults[position].code.value, faults[position].message)
        if position in faults
        else ("value", value)
        for position, value in enumerate(values)
    ]


def types_of(found: list[tuple[str, Any]]) -> list[type]:
    return [type(value) for _, value in found]


@pytest.mark.parametrize(
    "field, parse, plain, odd",
    [
        ("id", parse_integer, plain_ids, odd_ids),
        ("name", parse_text, plain_texts, odd_texts),
        ("datetime", parse_datetime, plain_moments, odd_moments),
    ],
    ids=["integer", "text", "moment"],
)
@given(data=st.data())
def test_a_column_is_parsed_as_its_values_one_by_one(
    field: str, parse: Any, plain: Any, odd: Any, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from([plain, odd, plain | odd]))
    column = data.draw(st.lists(kind, max_size=20))
    # Long enough that it is halved, with what is odd anywhere in it.
    column += data.draw(st.sampled_from([0, 100])) * [data.draw(plain)]

    expected = one_by_one(parse, column)

    assert at_once(field, column) == expected
    assert types_of(at_once(field, column)) == types_of(expected)


@given(name=st.sampled_from(["Ada", "Zoë"]), position=st.integers(0, 999))
@example(name="Ada", position=0)
@example(name="Ada", position=999)
def test_one_odd_value_in_a_long_column_is_found_where_it_is(name: str, position: int) -> None:
    column: list[Any] = [name] * 1000
    column[position] = None

    values, faults = ColumnParser("name", FIELDS["name"])(column)

    assert list(faults) == [position]
    assert [at for at, value in enumerate(values) if value is None] == [position]
