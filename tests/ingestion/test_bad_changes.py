"""Bad bodies that would change one row change nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import employee_row
from tests.ingestion.bodies import GOOD
from tests.ingestion.sending import (
    EMPLOYEES,
    faults_of,
    send,
    stored_employees,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


@pytest.mark.parametrize(
    "body, status, code",
    [
        pytest.param(b"", 400, "malformed_json", id="empty"),
        pytest.param(b"{", 400, "malformed_json", id="cut"),
        pytest.param(b"[]", 400, "wrong_top_level_type", id="an empty array"),
        pytest.param(b"[{}]", 400, "wrong_top_level_type", id="an array"),
        pytest.param(b"[{}, {}]", 400, "wrong_top_level_type", id="two rows"),
        pytest.param(b"null", 400, "wrong_top_level_type", id="null"),
        pytest.param(b"5", 400, "wrong_top_level_type", id="a number"),
        pytest.param(b"\xff", 400, "undecodable", id="no UTF-8"),
        pytest.param(b"[" * 200_000, 400, "too_deep", id="deep"),
        pytest.param(b'{"id": 1}', 409, "conflict", id="another id"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_bad_body_changes_no_row(
    api: Any, method: str, body: bytes, status: int, code: str
) -> None:
    send(api, GOOD)
    before = stored_employees()
    full = json.dumps(employee_row(id=1)).encode() if status == 409 else body

    response = api.generic(method, f"{EMPLOYEES}7/", full, content_type="application/json")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert stored_employees() == before


@pytest.mark.parametrize(
    "change, faults",
    [
        pytest.param({"name": ""}, [("name", "required")], id="no name"),
        pytest.param({"name": "a\x00b"}, [("name", "forbidden_character")], id="NUL"),
        pytest.param({"name": "\ud800"}, [("name", "forbidden_character")], id="lone surrogate"),
        pytest.param({"name": "x" * 256}, [("name", "too_long")], id="too long"),
        pytest.param(
            {"department_id": 999}, [("department_id", "unknown_department")], id="reference"
        ),
        pytest.param({"department_id": 2**70}, [("department_id", "out_of_range")], id="overflow"),
        pytest.param({"datetime": "now"}, [("datetime", "invalid_datetime")], id="datetime"),
        pytest.param({"id": "x"}, [("id", "not_an_integer")], id="id"),
        pytest.param({"id": None}, [("id", "required")], id="id of null"),
        pytest.param({"batch_id": 1}, [("batch_id", "unknown_field")], id="unknown field"),
        pytest.param(
            {"name": None, "job_id": 999, "x\x00": "\ud800"},
            [("name", "required"), ("job_id", "unknown_job"), (r"x\u0000", "unknown_field")],
            id="several",
        ),
    ],
)
def test_a_bad_change_lists_every_fault_and_changes_nothing(
    api: Any, change: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    send(api, GOOD)
    before = stored_employees()

    response = api.generic(
        "PATCH", f"{EMPLOYEES}7/", json.dumps(change), content_type="application/json"
    )

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert faults_of(json.loads(response.content.decode())) == faults
    assert stored_employees() == before


def test_a_key_sent_twice_changes_nothing(api: Any) -> None:
    send(api, GOOD)
    before = stored_employees()

    response = api.generic(
        "PATCH", f"{EMPLOYEES}7/", b'{"name": "A", "name": "B"}', content_type="application/json"
    )

    assert response.status_code in (400, 422)
    assert stored_employees() == before
