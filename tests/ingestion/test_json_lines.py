"""JSON Lines by POST, and the first line of a part of a file."""

from __future__ import annotations

import re
from typing import Any

import pytest

from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from tests.ingestion.bodies import CSV, GOOD, HEADER
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    employee_text,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

JSON_LINES = "application/jsonlines"


def test_json_lines_are_taken_line_by_line(api: Any) -> None:
    lines = f"{employee_text()}\n\nno JSON\n{employee_text(id='8')}\n"

    response = send(api, lines, content_type=JSON_LINES)

    assert response.status_code == 207
    [rejected] = response.json()["rejected_rows"]
    assert (rejected["index"], rejected["line"]) == (1, 3)
    assert [error["code"] for error in rejected["errors"]] == ["not_an_object"]
    assert stored_ids() == [7, 8]


@pytest.mark.parametrize("charset", ["cp1252", "latin-1", "utf-16"])
def test_json_lines_are_read_in_their_charset(api: Any, charset: str) -> None:
    body = employee_text(name='"Zoë"').encode(charset)

    response = send(api, body, content_type=f"{JSON_LINES}; charset={charset}")

    assert response.status_code == 201
    assert Employee.objects.get().name == "Zoë"


def test_the_charset_that_a_refusal_of_json_lines_names_is_taken(api: Any) -> None:
    body = employee_text(name='"Zoë"').encode("cp1252")
    refused = assert_refused(
        send(api, body, content_type=JSON_LINES), status=400, code="undecodable"
    )
    [charset] = re.findall("`(charset=.*?)` in Content-Type", refused["detail"])

    response = send(api, body, content_type=f"{JSON_LINES}; {charset}")

    assert response.status_code == 201


def test_json_lines_in_no_charset_are_refused(api: Any) -> None:
    response = send(api, employee_text(), content_type=f"{JSON_LINES}; charset=rot13")

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize(
    "body, status, code",
    [
        ("", 400, "empty_batch"),
        ("\n \n", 400, "empty_batch"),
        ("1\n" * 1001, 413, "batch_too_large"),
        (b"{\xe9}", 400, "undecodable"),
        ("<html>", 400, "undecodable"),
    ],
)
def test_json_lines_that_are_no_batch_are_refused(
    api: Any, body: str | bytes, status: int, code: str
) -> None:
    response = send(api, body, content_type=JSON_LINES)

    assert_refused(response, status=status, code=code)


def test_json_lines_have_neither_delimiter_nor_header(api: Any) -> None:
    response = send(api, employee_text(), to=f"{EMPLOYEES}?header=absent", content_type=JSON_LINES)

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize(
    "body, content_type, line",
    [
        (f"{HEADER}\n7,Ada\n", "text/csv", 5001),
        ("7,Ada\n", "text/csv", 5000),
        ("\nno JSON\n", JSON_LINES, 5001),
        ("<html>\n", JSON_LINES, 5000),
    ],
)
def test_lines_of_a_part_of_a_file_are_lines_of_that_file(
    api: Any, body: str, content_type: str, line: int
) -> None:
    to = f"{EMPLOYEES}?first_line=5000"

    rejected = send(api, body, to=to, content_type=content_type).json()["rejected_rows"]

    assert [row["line"] for row in rejected] == [line]
    assert list(RejectedRow.objects.values_list("line", flat=True)) == [line]


@pytest.mark.parametrize("value", ["0", "-1", "x", "1000000000"])
def test_a_first_line_is_a_line(api: Any, value: str) -> None:
    response = send(api, CSV, to=f"{EMPLOYEES}?first_line={value}", content_type="text/csv")

    assert_refused(response, status=400, code="invalid_parameter")


def test_json_has_no_first_line(api: Any) -> None:
    response = send(api, GOOD, to=f"{EMPLOYEES}?first_line=2")

    assert_refused(response, status=400, code="invalid_parameter")
