"""Sending bodies over HTTP as they are, and looking at what is stored afterwards."""

from __future__ import annotations

import json
from typing import Any

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import employee_row

EMPLOYEES = "/api/v1/employees/"
DEPARTMENTS = "/api/v1/departments/"
JOBS = "/api/v1/jobs/"
REJECTED_ROWS = "/api/v1/rejected-rows/"


def send(
    client: Any,
    body: Any,
    *,
    to: str = EMPLOYEES,
    content_type: str = "application/json",
    **headers: str,
) -> Any:
    """POSTs bytes and texts as they are, everything else as JSON. Headers as keywords: `accept="text/html"`."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    content = body if isinstance(body, bytes) else body.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic("POST", to, content, content_type=content_type, headers=named)


def employee_text(**literals: str) -> str:
    """One employee as JSON, fields replaced by JSON literals: `employee_text(id="1e400")`."""
    members = {"id": "7", "name": '"Ada"', "datetime": '"2021-11-07T02:48:42Z"'}
    members |= {"department_id": "1", "job_id": "1"} | literals
    return "{" + ", ".join(f'"{name}": {literal}' for name, literal in members.items()) + "}"


def send_between_neighbours(client: Any, row: str) -> Any:
    """POSTs the text of one employee with a good employee on each side, 101 and 102."""
    before, after = json.dumps(employee_row(id=101)), json.dumps(employee_row(id=102))
    return send(client, f"[{before}, {row}, {after}]")


def stored_ids() -> list[int]:
    return list(Employee.objects.order_by("id").values_list("id", flat=True))


def stored_employees() -> list[tuple[Any, ...]]:
    columns = ("id", "name", "datetime", "department_id", "job_id")
    return list(Employee.objects.order_by("id").values_list(*columns))


def faults_of(rejected_row: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Field and code of each fault of one entry of an answer's `rejected_rows`."""
    return [(error["field"], error["code"]) for error in rejected_row["errors"]]


def assert_only_this_row_is_rejected(
    client: Any, response: Any, faults: list[tuple[str | None, str]]
) -> dict[str, Any]:
    """The row sent between neighbours is rejected with these faults, they landed, the log can be read."""
    assert response.status_code == 207, response.content
    assert response["Content-Type"] == "application/json"
    answer = json.loads(response.content.decode())
    assert {name: answer[name] for name in ("received", "inserted", "unchanged", "rejected")} == {
        "received": 3,
        "inserted": 2,
        "unchanged": 0,
        "rejected": 1,
    }
    [rejected] = answer["rejected_rows"]
    assert rejected["index"] == 1
    assert faults_of(rejected) == faults
    assert stored_ids() == [101, 102]
    entry = RejectedRow.objects.get()
    assert entry.pk == rejected["rejected_row"]
    assert entry.status == "open"
    assert entry.codes == list(dict.fromkeys(code for _, code in faults))
    assert entry.errors == rejected["errors"]
    assert_the_log_can_be_read(client, entry)
    return rejected


def assert_the_log_can_be_read(client: Any, entry: RejectedRow) -> None:
    """As JSON, as CSV, and as the file to correct."""
    shown = client.get(f"{REJECTED_ROWS}{entry.pk}/")
    assert shown.status_code == 200
    assert shown.json()["errors"] == entry.errors
    for address in (
        f"{REJECTED_ROWS}?format=csv",
        f"/api/v1/batches/{entry.batch_id}/rejected-rows.csv",
    ):
        file = client.get(address)
        assert file.status_code == 200
        assert len(b"".join(file.streaming_content).decode().splitlines()) >= 2


def assert_refused(response: Any, *, status: int, code: str) -> dict[str, Any]:
    """The whole request was refused: a problem, nothing landed, and the refusal is recorded (400, 413)."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content.decode())
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"] == f"urn:hrapi:problem:{code}"
    assert problem["detail"]
    assert stored_ids() == []
    assert RejectedRow.objects.count() == 0
    if status in (400, 413):
        batch = Batch.objects.get()
        assert batch.pk == problem["batch"]
        assert (batch.refused_code, batch.refused_detail) == (code, problem["detail"])
        assert batch.received == 0
    else:
        assert Batch.objects.count() == 0
    return problem
