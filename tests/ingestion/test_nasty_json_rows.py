"""JSON: rows and fields of wrong types, missing, doubled or unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from departments.models import Department
from tests.factories import employee_row
from tests.ingestion.nasty_json import GOOD, short
from tests.ingestion.sending import (
    DEPARTMENTS,
    JOBS,
    assert_only_this_row_is_rejected,
    employee_text,
    faults_of,
    send,
    send_between_neighbours,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


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
