"""JSON that is no batch is refused, and nothing lands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hrapi.ingestion.models import Batch
from tests.ingestion.nasty_json import GOOD
from tests.ingestion.sending import (
    assert_refused,
    employee_text,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

MALFORMED = {
    "empty": b"",
    "only spaces": b" \r\n\t ",
    "only a byte order mark": b"\xef\xbb\xbf",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD.encode(),
    "array without an end": f"[{GOOD}".encode(),
    "array ending after a comma": f"[{GOOD},".encode(),
    "opening bracket alone": b"[",
    "opening brace alone": b"{",
    "closing bracket alone": b"]",
    "object cut after a key": b'{"id"',
    "object cut after a colon": b'{"id":',
    "object cut in a text": b'[{"id": 1, "name": "Ad',
    "object cut in an escape": rb'[{"id": 1, "name": "\u00',
    "object cut in a literal": b'[{"id": nul',
    "trailing comma in the array": f"[{GOOD},]".encode(),
    "trailing comma in an object": b'[{"id": 1,}]',
    "leading comma": f"[,{GOOD}]".encode(),
    "two commas": f"[{GOOD},,{GOOD}]".encode(),
    "no comma": f"[{GOOD} {GOOD}]".encode(),
    "brackets that do not match": f"[{GOOD}}}".encode(),
    "single quotes": b"[{'id': 1}]",
    "typographic quotes": "[{“id”: 1}]".encode(),
    "keys without quotes": b"[{id: 1}]",
    "a number as key": b'[{1: "a"}]',
    "no colon": b'[{"id" 1}]',
    "comment of one line": f"// employees\n[{GOOD}]".encode(),
    "comment inside": f"[/* one */ {GOOD}]".encode(),
    "comment of a shell": f"# employees\n[{GOOD}]".encode(),
    "garbage after the array": f"[{GOOD}]garbage".encode(),
    "garbage after an array of numbers": b"[1]garbage",
    "garbage after the object": f"{GOOD}garbage".encode(),
    "two arrays": f"[{GOOD}][{GOOD}]".encode(),
    "two objects": f"{GOOD}{GOOD}".encode(),
    "a byte order mark after the array": f"[{GOOD}]\ufeff".encode(),
    "empty array and garbage": b"[]]",
    "JSON Lines": f"{GOOD}\n{GOOD}\n".encode(),
    "undefined": b'[{"id": undefined}]',
    "Python's None": b'[{"id": None}]',
    "Python's True": b"[{'id': True}]",
    "hexadecimal number": b'[{"id": 0x10}]',
    "leading zeros": b'[{"id": 007}]',
    "plus sign": b'[{"id": +7}]',
    "fraction without a digit before": b'[{"id": .5}]',
    "fraction without a digit after": b'[{"id": 5.}]',
    "exponent without digits": b'[{"id": 5e}]',
    "minus alone": b'[{"id": -}]',
    "minus NaN": b'[{"id": -NaN}]',
    "lower-case nan": b'[{"id": nan}]',
    "thousands separator": b'[{"id": 1_000}]',
    "Arabic-Indic digits": '[{"id": ٧}]'.encode(),
    "bare line feed in a text": b'[{"name": "a\nb"}]',
    "bare tab in a text": b'[{"name": "a\tb"}]',
    "bare NUL in a text": b'[{"name": "a\x00b"}]',
    "bare escape in a text": b'[{"name": "a\x1bb"}]',
    "NUL between rows": f"[{GOOD},\x00{GOOD}]".encode(),
    "NUL at the end": f"[{GOOD}]\x00".encode(),
    "unknown escape": rb'[{"name": "\x41"}]',
    "short escape": rb'[{"name": "\u12"}]',
    "escape with a letter": rb'[{"name": "\u12G4"}]',
    "escape with a sign": rb'[{"name": "\u+123"}]',
    "escape with underscore": rb'[{"name": "\u1_23"}]',
    "second half of a pair cut": rb'[{"name": "\ud83d\u"}]',
    "no-break space between rows": f"[{GOOD},\u00a0{GOOD}]".encode(),
    "form feed between rows": f"[{GOOD},\x0c{GOOD}]".encode(),
    "HTML": b"<!doctype html><html></html>",
    "XML": b"<?xml version='1.0'?><rows/>",
    "form": b"id=1&name=Ada",
    "CSV": b"id,name\n1,Ada\n",
    "YAML": b"- id: 1\n  name: Ada\n",
    "prefix against JSON hijacking": f")]}}',\n[{GOOD}]".encode(),
    "tens of thousands of commas": b"[" + b"," * 50_000 + b"]",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_body_that_is_no_json_is_refused_and_nothing_lands(api: Any, body: bytes) -> None:
    response = send(api, body)

    assert_refused(response, status=400, code="malformed_json")


@pytest.mark.parametrize(
    "body, line, column",
    [
        pytest.param(b'[{"id": 1,}]', 1, 11, id="in the first line"),
        pytest.param(b'[\n {"id": 1},\n {"id": 2},\n]', 4, 1, id="in the fourth line"),
        pytest.param(b"[1]garbage", 1, 4, id="after the array"),
        pytest.param(b'{"id": 1}\n\n  x', 3, 3, id="after the object"),
        pytest.param(b'[{"id": 1} {"id": 2}]', 1, 12, id="between rows"),
        pytest.param(b"[", 1, 2, id="at the end"),
        pytest.param('[{"name": "é👍"} x]'.encode(), 1, 17, id="in characters, not bytes"),
        pytest.param(b"\xef\xbb\xbf[x]", 1, 2, id="after a byte order mark"),
        pytest.param(b'[{"id": 1},\r\n x]', 2, 2, id="after a line of Windows"),
    ],
)
def test_malformed_json_is_named_by_line_and_column(
    api: Any, body: bytes, line: int, column: int
) -> None:
    response = send(api, body)

    problem = assert_refused(response, status=400, code="malformed_json")
    assert re.search(rf"\bline {line}, column {column}\b", problem["detail"]), problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        "null",
        '"abc"',
        '""',
        "5",
        "-1.5",
        "1e400",
        "0",
        "true",
        "false",
        "NaN",
        "Infinity",
        "9" * 5000,
    ],
)
def test_a_body_that_is_neither_array_nor_object_is_refused(api: Any, body: str) -> None:
    response = send(api, body)

    assert_refused(response, status=400, code="wrong_top_level_type")


@pytest.mark.parametrize("body", ["[]", " [ ] ", "[\n]\n", "\ufeff[]"])
def test_an_empty_array_is_refused(api: Any, body: str) -> None:
    response = send(api, body)

    assert_refused(response, status=400, code="empty_batch")


@pytest.mark.parametrize(
    "body, byte",
    [
        pytest.param(f"[{GOOD}]".encode("utf-16"), 0, id="UTF-16 with its mark"),
        pytest.param(f"[{GOOD}]".encode("utf-16-le"), 1, id="UTF-16 LE without a mark"),
        pytest.param(f"[{GOOD}]".encode("utf-16-be"), 0, id="UTF-16 BE without a mark"),
        pytest.param(b"\xfe\xff" + f"[{GOOD}]".encode("utf-16-be"), 0, id="UTF-16 BE"),
        pytest.param(f"[{GOOD}]".encode("utf-32"), 0, id="UTF-32 with its mark"),
        pytest.param(f"[{GOOD}]".encode("utf-32-le"), 1, id="UTF-32 LE without a mark"),
        pytest.param(f"[{GOOD}]".encode("utf-32-be"), 0, id="UTF-32 BE without a mark"),
        pytest.param('[{"name": "Muñoz"}]'.encode("latin-1"), 13, id="latin-1"),
        pytest.param('[{"name": "5 €"}]'.encode("cp1252"), 13, id="cp1252"),
        pytest.param('[{"name": "山田"}]'.encode("shift_jis"), 11, id="Shift JIS"),
        pytest.param(b'[{"name": "\xc0\xaf"}]', 11, id="overlong slash in two bytes"),
        pytest.param(b'[{"name": "\xe0\x80\xaf"}]', 11, id="overlong slash in three bytes"),
        pytest.param(b'[{"name": "\xf0\x80\x80\xaf"}]', 11, id="overlong slash in four bytes"),
        pytest.param(b'[{"name": "\xc0\x80"}]', 11, id="overlong NUL"),
        pytest.param(b'[{"name": "\xed\xa0\x80"}]', 11, id="surrogate in three bytes"),
        pytest.param(
            b'[{"name": "\xed\xa0\xbd\xed\xb1\x8d"}]', 11, id="pair of surrogates (CESU-8)"
        ),
        pytest.param(b'[{"name": "\xf4\x90\x80\x80"}]', 11, id="above U+10FFFF"),
        pytest.param(b'[{"name": "\xf8\x88\x80\x80\x80"}]', 11, id="five bytes"),
        pytest.param(b'[{"name": "\x80"}]', 11, id="continuation byte alone"),
        pytest.param(b'[{"name": "\xff"}]', 11, id="0xFF"),
        pytest.param(b'[{"na\xe9me": 1}]', 5, id="in a key"),
        pytest.param(b"[1]\xe9", 3, id="after the array"),
        pytest.param(b"[1]\xe2\x82", 3, id="cut in the middle of a character"),
        pytest.param(b"\xef\xbb\xbf[\xe9]", 4, id="counted with the byte order mark"),
        pytest.param(b"\xef\xbb", 0, id="half a byte order mark"),
        pytest.param(b"\x1f\x8b\x08\x00", 1, id="gzip without its header"),
    ],
)
def test_a_body_that_is_not_utf_8_is_refused_with_the_place_of_the_byte(
    api: Any, body: bytes, byte: int
) -> None:
    response = send(api, body)

    problem = assert_refused(response, status=400, code="undecodable")
    assert re.search(rf"\bbyte {byte}\b", problem["detail"]), problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 200_000, id="200,000 arrays without an end"),
        pytest.param("[" * 200_000 + "]" * 200_000, id="200,000 arrays"),
        pytest.param('{"a":' * 200_000, id="200,000 objects without an end"),
        pytest.param('{"a":' * 200_000 + "1" + "}" * 200_000, id="200,000 objects"),
        pytest.param('[{"a":' * 100_000, id="arrays and objects in turn"),
        pytest.param("[" + '{"a":' * 100_000, id="objects in an array"),
        pytest.param(
            f"[{GOOD}, {employee_text(name='[' * 1000 + ']' * 1000)}]", id="1,000 deep in a name"
        ),
        pytest.param(
            f'[{GOOD}, {{"x": {"[" * 900 + "]" * 900}}}]', id="900 deep in an unknown field"
        ),
        pytest.param(
            employee_text(id='{"a":' * 500 + "1" + "}" * 500), id="500 deep in one object"
        ),
    ],
)
def test_nesting_without_measure_is_refused(api: Any, body: str) -> None:
    response = send(api, body)

    assert_refused(response, status=400, code="too_deep")


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "application/xml", "*/*"])
@pytest.mark.parametrize(
    "body, code",
    [
        pytest.param(b"", "malformed_json", id="empty"),
        pytest.param(b"[1", "malformed_json", id="cut"),
        pytest.param(b"[]", "empty_batch", id="no rows"),
        pytest.param(b"\xff\xfe[", "undecodable", id="no UTF-8"),
        pytest.param(b"[" * 200_000, "too_deep", id="deep"),
    ],
)
def test_a_refusal_is_answered_to_whoever_asks(
    api: Any, body: bytes, code: str, accept: str
) -> None:
    response = send(api, body, accept=accept)

    assert response.status_code == 400
    assert code in response.content.decode()
    assert stored_ids() == []
    assert Batch.objects.get().refused_code == code


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xef\xbb\xbf[" + GOOD.encode() + b"]", id="byte order mark before an array"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="byte order mark before an object"),
        pytest.param(b"\xef\xbb\xbf \n[" + GOOD.encode() + b"]", id="byte order mark and spaces"),
        pytest.param(f"\r\n\t [{GOOD}\r\n]\t \n".encode(), id="spaces around"),
        pytest.param(f"[\t{GOOD}\n]".encode(), id="spaces inside"),
    ],
)
def test_marks_and_spaces_around_json_do_no_harm(api: Any, body: bytes) -> None:
    response = send(api, body)

    assert response.status_code == 201
    assert stored_ids() == [7]
