"""What is shown and kept of what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hrapi.ingestion.models import RejectedRow
from tests.ingestion.answers import ADA
from tests.ingestion.sending import (
    employee_text,
    send,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


@pytest.mark.parametrize(
    "literal, value",
    [
        pytest.param("null", None, id="null"),
        pytest.param("true", True, id="true"),
        pytest.param("-5", -5, id="integer"),
        pytest.param("1.5", 1.5, id="fraction"),
        pytest.param("9007199254740991", 9007199254740991, id="greatest safe integer"),
        pytest.param("9007199254740992", "9007199254740992", id="integer that is not safe"),
        pytest.param("1" * 60, "1" * 60, id="60 digits"),
        pytest.param("1" * 5000, "1" * 100 + "…", id="5,000 digits"),
        pytest.param("NaN", "NaN", id="NaN"),
        pytest.param("-Infinity", "-Infinity", id="minus infinity"),
        pytest.param("1e400", "1e400", id="infinite as a double"),
        pytest.param("1e300", "1e300", id="a double of 301 digits"),
        pytest.param(
            "0.12345678901234567890123", "0.12345678901234567890123", id="more digits than a double"
        ),
        pytest.param('""', "", id="empty text"),
        pytest.param('"abc"', "abc", id="text"),
        pytest.param('"Zoë 👍 山"', "Zoë 👍 山", id="text of other alphabets"),
        pytest.param('"' + "x" * 100 + '"', "x" * 100, id="100 characters"),
        pytest.param('"' + "x" * 101 + '"', "x" * 100 + "…", id="101 characters"),
        pytest.param(r'"a\u0000b"', r"a\u0000b", id="NUL"),
        pytest.param(r'"a\nb"', r"a\nb", id="line feed"),
        pytest.param(r'"\ud800"', r"\ud800", id="lone surrogate"),
        pytest.param(r'"\u202eabc"', r"\u202eabc", id="direction override"),
        pytest.param(r'"\u001b[2J"', r"\u001b[2J", id="escape of terminals"),
        pytest.param("[]", "[]", id="empty array"),
        pytest.param('{"a": [1, null]}', '{"a": [1, null]}', id="object"),
        pytest.param("[1.50, NaN]", "[1.50, NaN]", id="numbers keep their digits"),
        pytest.param("[" + "1," * 100 + "1]", "[" + "1, " * 33 + "…", id="long array"),
    ],
)
def test_a_value_is_shown_as_sent_when_short_and_harmless_else_as_a_text(
    api: Any, literal: str, value: Any
) -> None:
    response = send(api, f"[{employee_text(x=literal)}]")

    answer = json.loads(response.content.decode())
    [error] = answer["rejected_rows"][0]["errors"]
    assert error == {
        "field": "x",
        "code": "unknown_field",
        "message": "The table has no such field."
        " Its fields are id, name, datetime, department_id, job_id.",
        "value": value,
    }
    assert type(error["value"]) is type(value)
    entry = api.get(f"/api/v1/rejected-rows/{answer['rejected_rows'][0]['rejected_row']}/").json()
    assert entry["errors"] == [error]
    assert type(entry["errors"][0]["value"]) is type(value)


def test_a_long_name_of_a_field_is_shortened(api: Any) -> None:
    response = send(api, [ADA | {"k" * 300: 1}])

    [error] = response.json()["rejected_rows"][0]["errors"]
    assert error["field"] == "k" * 100 + "…"


def test_a_rejected_row_is_kept_as_it_was_sent(api: Any) -> None:
    text = '{"id": 9, "name": "Zoë 👍", "datetime": 5, "department_id": 1.50, "x": NaN}'

    response = send(api, f"[{text}]")

    [row] = response.json()["rejected_rows"]
    entry = api.get(f"/api/v1/rejected-rows/{row['rejected_row']}/").json()
    assert entry.pop("created_at")
    assert entry == {
        "id": row["rejected_row"],
        "batch": response.json()["batch"],
        "table": "employees",
        "index": 0,
        "line": None,
        "row_id": 9,
        "status": "open",
        "errors": row["errors"],
        "raw": '{"id": 9, "name": "Zo\\u00eb \\ud83d\\udc4d", "datetime": 5,'
        ' "department_id": 1.50, "x": NaN}',
        "raw_truncated": False,
        "history": [],
    }


@pytest.mark.parametrize(
    "length, truncated",
    [
        pytest.param(16 * 1024, False, id="16 KiB"),
        pytest.param(16 * 1024 + 1, True, id="a byte more"),
    ],
)
def test_at_most_16_kib_of_a_row_are_kept(api: Any, length: int, truncated: bool) -> None:
    frame = employee_text(x='""')
    text = employee_text(x='"' + "x" * (length - len(frame)) + '"')
    assert len(text) == length

    response = send(api, f"[{text}]")

    [row] = response.json()["rejected_rows"]
    entry = api.get(f"/api/v1/rejected-rows/{row['rejected_row']}/").json()
    assert entry["raw"] == text[: 16 * 1024]
    assert entry["raw_truncated"] is truncated


def test_a_row_that_grows_when_escaped_is_kept_to_16_kib(api: Any) -> None:
    response = send(api, [ADA | {"name": "é" * 10_000}])

    [row] = response.json()["rejected_rows"]
    entry = RejectedRow.objects.get(pk=row["rejected_row"])
    assert len(entry.raw) == 16 * 1024
    assert entry.raw.isascii()
    assert entry.raw_truncated
