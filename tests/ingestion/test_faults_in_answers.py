"""How an answer names rejected rows and their faults."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ingestion.answers import ADA
from tests.ingestion.sending import (
    employee_text,
    faults_of,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def test_a_csv_row_is_named_by_its_index_and_physical_line(api: Any) -> None:
    body = (
        "id,name,datetime,department_id,job_id\n"
        "7,Ada,2021-11-07T02:48:42Z,1,1\n"
        "\n"
        '8,"Two\nlines",2021-11-07T02:48:42Z,1,1\n'
        "9,Zoë,2021-11-07T02:48:42Z,999,1\n"
    )

    response = send(api, body, content_type="text/csv")

    assert response.status_code == 207
    assert [
        (row["index"], row["line"], row["id"], faults_of(row))
        for row in response.json()["rejected_rows"]
    ] == [
        (1, 4, 8, [("name", "forbidden_character")]),
        (2, 6, 9, [("department_id", "unknown_department")]),
    ]
    assert stored_ids() == [7]


@pytest.mark.parametrize(
    "id_literal, shown",
    [
        pytest.param("9", 9, id="integer"),
        pytest.param('"9"', 9, id="text"),
        pytest.param("9.0", 9, id="fraction of zero"),
        pytest.param("9007199254740991", 9007199254740991, id="greatest"),
        pytest.param("0", None, id="zero"),
        pytest.param("9007199254740992", None, id="too great"),
        pytest.param("9.5", None, id="fraction"),
        pytest.param('"x"', None, id="letter"),
        pytest.param("null", None, id="null"),
        pytest.param("true", None, id="true"),
        pytest.param("[9]", None, id="array"),
    ],
)
def test_the_id_of_a_rejected_row_is_told_where_it_is_readable(
    api: Any, id_literal: str, shown: int | None
) -> None:
    response = send(api, f"[{employee_text(id=id_literal, department_id='999')}]")

    [row] = response.json()["rejected_rows"]
    assert row["id"] == shown
    entry = api.get(f"/api/v1/rejected-rows/{row['rejected_row']}/").json()
    assert entry["row_id"] == shown


def test_every_fault_of_a_row_is_listed_in_the_order_of_the_fields(api: Any) -> None:
    row = {
        "x": 1,
        "job_id": 999,
        "department_id": "x",
        "datetime": "27/07/2021",
        "name": "",
        "id": 0,
    }

    response = send(api, [row])

    assert response.status_code == 422
    assert response.json()["code"] == "out_of_range"
    [rejected] = response.json()["rejected_rows"]
    assert [(e["field"], e["code"], e["value"]) for e in rejected["errors"]] == [
        ("id", "out_of_range", 0),
        ("name", "required", ""),
        ("datetime", "invalid_datetime", "27/07/2021"),
        ("department_id", "not_an_integer", "x"),
        ("job_id", "unknown_job", 999),
        ("x", "unknown_field", 1),
    ]


def test_a_taken_id_does_not_hide_an_unknown_reference(api: Any) -> None:
    send(api, ADA)

    response = send(api, [ADA | {"name": "Eve", "department_id": 998, "job_id": 999}])

    assert faults_of(response.json()["rejected_rows"][0]) == [
        ("id", "already_exists"),
        ("department_id", "unknown_department"),
        ("job_id", "unknown_job"),
    ]
