"""The JSON lines of the nasty inputs, over HTTP: what is refused whole, and what costs one row only."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from departments.models import Department
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import employee_row
from tests.ingestion.sending import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    assert_only_this_row_is_rejected,
    assert_refused,
    assert_the_log_can_be_read,
    employee_text,
    faults_of,
    send,
    send_between_neighbours,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

GOOD = employee_text()

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


REJECTED_IDS = {
    "not_an_integer": [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1e400",
        "1E+400",
        "1e99999999999",
        "1e-400",
        "1.5",
        "0.1",
        "-1.5",
        "1e-1",
        "15e-1",
        "7.00000000000000000000001",
        "9007199254740991.5",
        '"1.5"',
        '"1e3"',
        '"1E+05"',
        '"0x10"',
        '"0b1"',
        '"0o7"',
        '"1_000"',
        '"1,000"',
        '"1 000"',
        '"1.000,0"',
        '"1.0.0"',
        '"٧"',
        '"७"',
        '"７"',
        '"½"',
        '"²"',
        '"⑦"',
        '"Ⅶ"',
        '"七"',
        '"-"',
        '"--7"',
        '"−7"',
        '"+7"',
        '"."',
        '"7a"',
        '"a"',
        '"abc"',
        '"#7"',
        '"NaN"',
        '"Infinity"',
        '"null"',
        '"NULL"',
        '"None"',
        '"true"',
        r'"\\N"',
        '"[7]"',
        '"7;"',
        "\"'7'\"",
        '"1 OR 1=1"',
        r'"7\u0000"',
        r'"7\n8"',
        r'"\ud800"',
        r'"\u0000"',
        '"👍"',
        '"' + "x" * 100_000 + '"',
    ],
    "out_of_range": [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0e5",
        "-1",
        "-1.0",
        "9007199254740992",
        "9007199254740992.0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "-9223372036854775809",
        "1e16",
        "1e300",
        "-1e300",
        "9" * 5000,
        "-" + "9" * 5000,
        "9" * 100_000,
        "9" * 5000 + ".0",
        '"0"',
        '"000"',
        '"-0"',
        '"-1"',
        '"9007199254740992"',
        '"18446744073709551617"',
        '"' + "9" * 5000 + '"',
    ],
    "wrong_type": ["true", "false", "[]", "{}", "[7]", '{"id": 7}', "[[[]]]", "[null]"],
    "required": [
        "null",
        '""',
        '" "',
        r'"\t\r\n"',
        r'"\u00a0"',
        r'"\u3000"',
        r'"\u200b"',
        r'"\ufeff"',
    ],
}


def short(text: str) -> str:
    return text if len(text) < 30 else f"{text[:10]}…{len(text)} characters"


@pytest.mark.parametrize("field", ["id", "job_id"])
@pytest.mark.parametrize(
    "literal, code",
    [
        pytest.param(literal, code, id=f"{short(literal)} {code}")
        for code, literals in REJECTED_IDS.items()
        for literal in literals
    ],
)
def test_what_is_no_id_costs_its_row_only(api: Any, field: str, literal: str, code: str) -> None:
    response = send_between_neighbours(api, employee_text(**{field: literal}))

    assert_only_this_row_is_rejected(api, response, [(field, code)])


def test_the_log_shows_whatever_was_sent(api: Any) -> None:
    literals = [literal for literals in REJECTED_IDS.values() for literal in literals]
    rows = [employee_text(id=literal) for literal in literals]
    rows += [employee_text(x=literal) for literal in literals]

    response = send(api, f"[{', '.join(rows)}]", accept="text/html")

    assert response.status_code == 422
    assert RejectedRow.objects.count() == len(rows)
    entry = RejectedRow.objects.latest("id")
    file = api.get(f"/api/v1/batches/{entry.batch_id}/rejected-rows.csv")
    assert b"".join(file.streaming_content).decode().startswith("id,name,datetime,")
    for address in ("/api/v1/rejected-rows/?page_size=1000", f"/api/v1/rejected-rows/{entry.pk}/"):
        assert api.get(address).status_code == 200
        page = api.get(address, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert page["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "literal, number",
    [
        pytest.param("7", 7, id="integer"),
        pytest.param("7.0", 7, id="fraction of zero"),
        pytest.param("7.000000000000000000000000", 7, id="long fraction of zero"),
        pytest.param("70e-1", 7, id="negative exponent"),
        pytest.param("0.7e1", 7, id="fraction and exponent"),
        pytest.param("7E+0", 7, id="exponent of zero"),
        pytest.param("1e3", 1000, id="exponent"),
        pytest.param('"7"', 7, id="text"),
        pytest.param('" 7 "', 7, id="text with spaces"),
        pytest.param(r'"\u00a07\ufeff"', 7, id="text with invisible spaces"),
        pytest.param('"7.0"', 7, id="text with a fraction of zero"),
        pytest.param('"007"', 7, id="text with leading zeros"),
        pytest.param('"' + "0" * 5000 + '7"', 7, id="text with 5,000 leading zeros"),
        pytest.param("1", 1, id="smallest"),
        pytest.param("2147483647", 2147483647, id="2^31-1"),
        pytest.param("2147483648", 2147483648, id="2^31"),
        pytest.param("9007199254740991", 9007199254740991, id="2^53-1"),
        pytest.param("9007199254740991.0", 9007199254740991, id="2^53-1 with a fraction"),
        pytest.param("9.007199254740991e15", 9007199254740991, id="2^53-1 with an exponent"),
        pytest.param('"9007199254740991"', 9007199254740991, id="2^53-1 as text"),
    ],
)
def test_an_id_is_the_number_that_was_meant(api: Any, literal: str, number: int) -> None:
    response = send(api, f"[{employee_text(id=literal)}]")

    assert response.status_code == 201
    assert stored_ids() == [number]


@pytest.mark.parametrize(
    "literals, faults",
    [
        pytest.param(
            {"department_id": "999"}, [("department_id", "unknown_department")], id="department"
        ),
        pytest.param({"job_id": "999"}, [("job_id", "unknown_job")], id="job"),
        pytest.param(
            {"department_id": "998", "job_id": "999"},
            [("department_id", "unknown_department"), ("job_id", "unknown_job")],
            id="both",
        ),
        pytest.param(
            {"department_id": "9007199254740991"},
            [("department_id", "unknown_department")],
            id="greatest id",
        ),
        pytest.param({"job_id": "2147483648"}, [("job_id", "unknown_job")], id="2^31"),
        pytest.param({"job_id": '"999"'}, [("job_id", "unknown_job")], id="as text"),
        pytest.param(
            {"department_id": str(2**70), "job_id": str(-(2**70))},
            [("department_id", "out_of_range"), ("job_id", "out_of_range")],
            id="2^70",
        ),
        pytest.param(
            {"department_id": "true", "job_id": "999"},
            [("department_id", "wrong_type"), ("job_id", "unknown_job")],
            id="one of the wrong type, one unknown",
        ),
    ],
)
def test_a_reference_to_nothing_costs_its_row_only(
    api: Any, literals: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    response = send_between_neighbours(api, employee_text(**literals))

    assert_only_this_row_is_rejected(api, response, faults)


@pytest.mark.parametrize(
    "element",
    [
        "null",
        "1",
        "1.5",
        "NaN",
        "9" * 5000,
        '"a"',
        '""',
        r'"\u0000"',
        r'"\ud800"',
        '"{\\"id\\": 7}"',
        "[]",
        "[7]",
        "[{}]",
        "true",
        "false",
        f"[{GOOD}]",
    ],
    ids=short,
)
def test_an_element_that_is_no_object_costs_itself_only(api: Any, element: str) -> None:
    response = send_between_neighbours(api, element)

    rejected = assert_only_this_row_is_rejected(api, response, [(None, "not_an_object")])
    assert rejected["id"] is None


def test_an_empty_object_lacks_every_field(api: Any) -> None:
    response = send_between_neighbours(api, "{}")

    assert_only_this_row_is_rejected(
        api,
        response,
        [
            ("id", "required"),
            ("name", "required"),
            ("datetime", "required"),
            ("department_id", "required"),
            ("job_id", "required"),
        ],
    )


@pytest.mark.parametrize(
    "literal",
    ["null", '""', '" "', r'"\t"', r'"\u00a0\u3000"', r'"\u200b\u200d"', r'"\u0301"'],
)
def test_every_field_that_says_nothing_is_required(api: Any, literal: str) -> None:
    fields = ["id", "name", "datetime", "department_id", "job_id"]

    response = send_between_neighbours(api, employee_text(**dict.fromkeys(fields, literal)))

    assert_only_this_row_is_rejected(api, response, [(field, "required") for field in fields])


@pytest.mark.parametrize("field", ["id", "name", "datetime", "department_id", "job_id"])
def test_a_missing_field_is_required(api: Any, field: str) -> None:
    row = employee_row(id=7)
    del row[field]

    response = send_between_neighbours(api, json.dumps(row))

    rejected = assert_only_this_row_is_rejected(api, response, [(field, "required")])
    assert rejected["errors"][0]["value"] is None


@pytest.mark.parametrize("literal", ["true", "false"])
def test_booleans_are_of_the_wrong_type_everywhere(api: Any, literal: str) -> None:
    fields = ["id", "name", "datetime", "department_id", "job_id"]

    response = send_between_neighbours(api, employee_text(**dict.fromkeys(fields, literal)))

    assert_only_this_row_is_rejected(api, response, [(field, "wrong_type") for field in fields])


@pytest.mark.parametrize("literal", ["[]", "{}", "[1]", '{"id": 1}', "[" * 20 + "]" * 20, "[NaN]"])
def test_arrays_and_objects_are_of_the_wrong_type_everywhere(api: Any, literal: str) -> None:
    fields = ["id", "name", "datetime", "department_id", "job_id"]

    response = send_between_neighbours(api, employee_text(**dict.fromkeys(fields, literal)))

    assert_only_this_row_is_rejected(api, response, [(field, "wrong_type") for field in fields])


@pytest.mark.parametrize(
    "row, field",
    [
        pytest.param(
            '{"id": 7, "id": 8, "name": "Ada", "datetime": "2021-11-07T02:48:42Z",'
            ' "department_id": 1, "job_id": 1}',
            "id",
            id="id",
        ),
        pytest.param(GOOD[:-1] + ', "id": 7}', "id", id="the same value"),
        pytest.param(GOOD[:-1] + ', "id": "x"}', "id", id="a good and a bad value"),
        pytest.param(GOOD[:-1] + ', "name": "Bob"}', "name", id="name"),
        pytest.param(GOOD[:-1] + ', "name": null}', "name", id="last one null"),
        pytest.param(GOOD[:-1] + ', "job_id": 999}', "job_id", id="unknown reference last"),
        pytest.param(GOOD[:-1] + ', "job_id": 1, "job_id": 1}', "job_id", id="three times"),
        pytest.param(GOOD[:-1] + r', "\u0069d": 8}', "id", id="once escaped"),
        pytest.param(GOOD[:-1] + ', "x": 1, "x": 2}', "x", id="unknown key"),
    ],
)
def test_a_key_sent_twice_never_lets_the_last_one_win(api: Any, row: str, field: str) -> None:
    response = send_between_neighbours(api, row)

    assert_only_this_row_is_rejected(api, response, [(field, "duplicate_key")])


def test_a_key_sent_twice_does_not_hide_the_other_faults_of_the_row(api: Any) -> None:
    row = '{"id": 7, "id": 8, "name": "", "datetime": "now", "department_id": 999, "x": 1}'

    response = send_between_neighbours(api, row)

    assert_only_this_row_is_rejected(
        api,
        response,
        [
            ("id", "duplicate_key"),
            ("name", "required"),
            ("datetime", "invalid_datetime"),
            ("department_id", "unknown_department"),
            ("job_id", "required"),
            ("x", "unknown_field"),
        ],
    )


@pytest.mark.parametrize(
    "key",
    [
        "__proto__",
        "constructor",
        "__class__",
        "__dict__",
        "model_fields",
        "model_config",
        "self",
        "pk",
        "_state",
        "id__gt",
        "batch_id",
        "batch",
        "department",
        "job",
        "employee_id",
        "hire_date",
        "rejected_row",
        "line",
        "errors",
        "index",
        "ID",
        "Id",
        " id",
        "id ",
        "dаtetime",
        "e\u0301",
        "é",
        "👍",
        "",
        " ",
        "'; DROP TABLE employees; --",
        "<script>alert(1)</script>",
        "%s",
        "{0}",
        "=1+1",
    ],
)
def test_an_unknown_field_costs_its_row_and_has_no_effect(api: Any, key: str) -> None:
    row = json.dumps(employee_row(id=7) | {key: 9})

    response = send_between_neighbours(api, row)

    assert_only_this_row_is_rejected(api, response, [(key, "unknown_field")])


@pytest.mark.parametrize(
    "escaped",
    [
        r"\u0000",
        r"id\u0000",
        r"\ud800",
        r"\udc00\ud800",
        r"\u001b[31m",
        r"\u202eeman",
        r"\n",
        r"\uffff",
    ],
)
def test_an_unknown_field_is_named_escaped_where_its_name_does_harm(api: Any, escaped: str) -> None:
    response = send_between_neighbours(api, GOOD[:-1] + f', "{escaped}": 1}}')

    assert_only_this_row_is_rejected(api, response, [(escaped, "unknown_field")])


@pytest.mark.parametrize("value", [r'"\u0000"', r'"\ud800"', '{"a": "\\u0000"}', "[NaN, 1e400]"])
def test_the_value_of_an_unknown_field_may_be_anything(api: Any, value: str) -> None:
    response = send_between_neighbours(api, GOOD[:-1] + f', "x": {value}}}')

    rejected = assert_only_this_row_is_rejected(api, response, [("x", "unknown_field")])
    assert rejected["id"] == 7
    assert isinstance(rejected["errors"][0]["value"], str)


def test_every_unknown_field_of_a_row_is_listed(api: Any) -> None:
    unknown = {f"x{number}": number for number in range(50)}

    response = send_between_neighbours(api, json.dumps(employee_row(id=7) | unknown))

    assert_only_this_row_is_rejected(api, response, [(key, "unknown_field") for key in unknown])


@pytest.mark.parametrize(
    "table, field",
    [
        pytest.param(DEPARTMENTS, "department", id="departments"),
        pytest.param(JOBS, "job", id="jobs"),
    ],
)
@pytest.mark.parametrize(
    "literal, code",
    [
        pytest.param(r'"a\u0000b"', "forbidden_character", id="NUL"),
        pytest.param(r'"\ud800"', "forbidden_character", id="lone surrogate"),
        pytest.param("null", "required", id="null"),
        pytest.param("7", "wrong_type", id="number"),
        pytest.param("NaN", "wrong_type", id="NaN"),
        pytest.param("9" * 5000, "wrong_type", id="5,000 digits"),
        pytest.param('"' + "x" * 256 + '"', "too_long", id="256 characters"),
    ],
)
def test_the_other_tables_judge_alike(
    api: Any, table: str, field: str, literal: str, code: str
) -> None:
    body = f'[{{"id": 101, "{field}": "Good"}}, {{"id": 7, "{field}": {literal}}}]'

    response = send(api, body, to=table)

    assert response.status_code == 207
    [rejected] = response.json()["rejected_rows"]
    assert faults_of(rejected) == [(field, code)]
    shown = api.get(table).json()["results"]
    assert [row["id"] for row in shown] == [1, 101]


def test_a_department_with_the_fields_of_an_employee_is_told_each_of_them(api: Any) -> None:
    response = send(api, [employee_row(id=7)], to=DEPARTMENTS)

    assert response.status_code == 422
    assert faults_of(response.json()["rejected_rows"][0]) == [
        ("department", "required"),
        ("name", "unknown_field"),
        ("datetime", "unknown_field"),
        ("department_id", "unknown_field"),
        ("job_id", "unknown_field"),
    ]
    assert list(Department.objects.values_list("id", "department")) == [(1, "Sales")]


def test_a_name_of_a_megabyte_is_too_long_and_shown_and_kept_shortened(api: Any) -> None:
    response = send_between_neighbours(api, employee_text(name='"' + "x" * 1_000_000 + '"'))

    rejected = assert_only_this_row_is_rejected(api, response, [("name", "too_long")])
    assert rejected["errors"][0]["value"] == "x" * 100 + "…"
    entry = api.get(f"/api/v1/rejected-rows/{rejected['rejected_row']}/").json()
    assert len(entry["raw"]) == 16 * 1024
    assert entry["raw"].startswith('{"id": 7, "name": "xxxx')
    assert entry["raw_truncated"] is True


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(GOOD[:-1] + f', "{"k" * 1_000_000}": 1}}', id="a key of a megabyte"),
        pytest.param(GOOD[:-1] + f', "k": "{"v" * 1_000_000}"}}', id="a value of a megabyte"),
        pytest.param(GOOD[:-1] + ', "k": [' + "1," * 500_000 + "1]}", id="a long array"),
        pytest.param(f'"{"x" * 1_000_000}"', id="a text of a megabyte as the row"),
        pytest.param(f"[{'1,' * 100_000}1]", id="a long array as the row"),
        pytest.param(employee_text(id="1" * 1_000_000), id="a number of a megabyte"),
        pytest.param(employee_text(id="1." + "1" * 1_000_000), id="a fraction of a megabyte"),
        pytest.param(employee_text(name='"' + r"\ud800" * 150_000 + '"'), id="150,000 surrogates"),
        pytest.param(employee_text(name='"' + r"\u0000" * 150_000 + '"'), id="150,000 NULs"),
        pytest.param(employee_text(datetime='"' + "2" * 1_000_000 + '"'), id="a long datetime"),
    ],
)
def test_a_huge_row_is_answered_and_logged_in_short(api: Any, row: str) -> None:
    response = send_between_neighbours(api, row)

    assert response.status_code == 207
    assert len(response.content) < 2_000
    assert stored_ids() == [101, 102]
    entry = RejectedRow.objects.get()
    assert len(entry.raw) == 16 * 1024
    assert entry.raw_truncated
    assert_the_log_can_be_read(api, entry)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            "{" + ", ".join(f'"k{number}": 1' for number in range(50_000)) + ', "k1": 2}',
            id="50,000 keys, one of them twice",
        ),
        pytest.param(
            employee_text(name="{" + '"": {}, ' * 20_000 + '"": {}}'),
            id="20,000 times the same key",
        ),
        pytest.param(
            employee_text(name="{" + ", ".join(f'"k{n}": 1' for n in range(50_000)) + ', "k1": 2}'),
            id="50,000 keys in a field, one of them twice",
        ),
        pytest.param(
            employee_text(name='"' + "\u200b " * 200_000 + "x" + " \u200b" * 200_000 + '"'),
            id="kinds of space in turn around a name",
        ),
        pytest.param(
            employee_text(id='"' + "\u200b " * 500_000 + '"'),
            id="kinds of space in turn as an id",
        ),
        pytest.param(employee_text(name='"' + "\u200d" * 300_000 + '"'), id="300,000 joiners"),
        pytest.param(employee_text(name='"' + "\u0301" * 300_000 + '"'), id="300,000 accents"),
        pytest.param(employee_text(name='"a' + "\u0301" * 300_000 + '"'), id="accents on a letter"),
        pytest.param(
            employee_text(name='"a' + "\u0301\u0316" * 40_000 + '"'), id="accents out of order"
        ),
        pytest.param(employee_text(x="[" + "1," * 1_500_000 + "1]"), id="an array of 1,500,000"),
        pytest.param("[" + "1," * 1_500_000 + "1]", id="an array of 1,500,000 as the row"),
        pytest.param(employee_text(id="0." + "0" * 500_000 + "1e99999"), id="a tiny number"),
    ],
)
def test_a_row_made_to_be_slow_is_answered(api: Any, row: str) -> None:
    started = time.process_time()

    response = send_between_neighbours(api, row)

    assert time.process_time() - started < 3
    assert response.status_code in (201, 207)
    assert {101, 102} <= set(stored_ids())


def test_names_of_other_alphabets_and_emoji_come_back_as_they_were(api: Any) -> None:
    literal = r'"\ud83d\udc4d 👍 Zo\u00eb \u5c71"'

    response = send(api, employee_text(name=literal))

    assert response.status_code == 201
    assert response.json()["name"] == "👍 👍 Zoë 山"
    assert stored_employees()[0][1] == "👍 👍 Zoë 山"


@pytest.mark.parametrize(
    "method, address, allowed",
    [
        pytest.param("PUT", EMPLOYEES, "GET, POST, HEAD, OPTIONS", id="PUT to the list"),
        pytest.param("PATCH", EMPLOYEES, "GET, POST, HEAD, OPTIONS", id="PATCH to the list"),
        pytest.param("DELETE", EMPLOYEES, "GET, POST, HEAD, OPTIONS", id="DELETE of the list"),
        pytest.param("TRACE", EMPLOYEES, "GET, POST, HEAD, OPTIONS", id="TRACE"),
        pytest.param("BREW", EMPLOYEES, "GET, POST, HEAD, OPTIONS", id="a method of no standard"),
        pytest.param(
            "POST",
            "/api/v1/departments/1/",
            "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
            id="POST to a row",
        ),
        pytest.param("POST", "/api/v1/batches/", "GET, HEAD, OPTIONS", id="POST to the batches"),
        pytest.param(
            "DELETE", "/api/v1/rejected-rows/", "GET, HEAD, OPTIONS", id="DELETE of the reject log"
        ),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    api: Any, method: str, address: str, allowed: str
) -> None:
    response = api.generic(method, address, f"[{GOOD}]".encode(), content_type="application/json")

    assert_refused(response, status=405, code="method_not_allowed")
    assert response["Allow"] == allowed


@pytest.mark.parametrize("body", [b"", b"[", b"\xff", b"[" * 200_000, f"[{GOOD}]".encode()])
def test_who_is_not_logged_in_learns_nothing_of_the_body(client: Any, body: bytes) -> None:
    response = client.generic("POST", EMPLOYEES, body, content_type="application/json")

    assert_refused(response, status=401, code="not_authenticated")


@pytest.mark.parametrize("group", ["readers", ""])
def test_who_may_not_post_learns_nothing_of_the_body(client_of: Any, group: str) -> None:
    response = send(client_of(group), b"[")

    assert_refused(response, status=403, code="permission_denied")
