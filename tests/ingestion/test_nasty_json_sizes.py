"""JSON: rows made to be large or slow, names of all alphabets, and whoever may not post."""

from __future__ import annotations

import time
from typing import Any

import pytest

from hrapi.ingestion.models import RejectedRow
from tests.ingestion.nasty_json import GOOD
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_only_this_row_is_rejected,
    assert_refused,
    assert_the_log_can_be_read,
    employee_text,
    send,
    send_between_neighbours,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


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
