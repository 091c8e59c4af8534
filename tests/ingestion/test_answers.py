"""What posting rows is answered with: whole bodies and all statuses, in both modes."""

from __future__ import annotations

from typing import Any

import pytest

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import (
    EmployeeFactory,
    employee_row,
)
from tests.ingestion.answers import ADA, counts
from tests.ingestion.sending import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    faults_of,
    send,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

UNKNOWN_DEPARTMENT = {
    "field": "department_id",
    "code": "unknown_department",
    "message": "No department has id 999.",
    "value": 999,
}


def test_the_example_of_the_contract_is_answered_to_the_letter(api: Any) -> None:
    EmployeeFactory(id=8, name="Zoë", department_id=1, job_id=1, department=None, job=None)
    rows = [ADA, employee_row(id=8, name="Zoë"), employee_row(id=9, department_id=999)]

    response = send(api, rows)

    batch = Batch.objects.get()
    rejected = RejectedRow.objects.get()
    assert response.status_code == 207
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "batch": batch.pk,
        "table": "employees",
        "mode": "partial",
        "dry_run": False,
        "received": 3,
        "inserted": 1,
        "unchanged": 1,
        "rejected": 1,
        "not_attempted": 0,
        "rejected_rows": [
            {
                "index": 2,
                "line": None,
                "id": 9,
                "rejected_row": rejected.pk,
                "errors": [UNKNOWN_DEPARTMENT],
            }
        ],
    }
    assert list(response.json()) == [
        "batch",
        "table",
        "mode",
        "dry_run",
        "received",
        "inserted",
        "unchanged",
        "rejected",
        "not_attempted",
        "rejected_rows",
    ]
    assert stored_ids() == [7, 8]


def test_a_batch_that_lands_whole_is_answered_201_and_recorded(api: Any) -> None:
    response = send(api, [ADA, employee_row(id=8)])

    batch = Batch.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "batch": batch.pk,
        "table": "employees",
        "mode": "partial",
        "dry_run": False,
        "received": 2,
        "inserted": 2,
        "unchanged": 0,
        "rejected": 0,
        "not_attempted": 0,
        "rejected_rows": [],
    }
    shown = api.get(f"/api/v1/batches/{batch.pk}/").json()
    assert shown.pop("created_at") <= shown.pop("finished_at")
    assert shown == {
        "id": batch.pk,
        "table": "employees",
        "source": "api",
        "file_name": "",
        "mode": "partial",
        "received": 2,
        "inserted": 2,
        "unchanged": 0,
        "rejected": 0,
        "not_attempted": 0,
        "refused_code": None,
        "refused_detail": None,
        "user": "administrators-user",
        "undoes": None,
        "removed": 0,
        "undone_by": None,
    }
    assert list(Employee.objects.values_list("batch_id", flat=True)) == [batch.pk, batch.pk]


@pytest.mark.parametrize(
    "address, row, path",
    [
        pytest.param(EMPLOYEES, ADA, "/api/v1/employees/7/", id="employees"),
        pytest.param(
            DEPARTMENTS,
            {"id": 7, "department": "Legal"},
            "/api/v1/departments/7/",
            id="departments",
        ),
        pytest.param(JOBS, {"id": 7, "job": "Baker"}, "/api/v1/jobs/7/", id="jobs"),
    ],
)
def test_one_object_is_answered_with_its_row_and_address(
    api: Any, address: str, row: dict[str, Any], path: str
) -> None:
    response = send(api, row, to=address)

    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{path}"
    assert response.json() == row
    assert list(response.json()) == list(row)
    assert api.get(path).json() == row


def test_one_object_is_answered_as_it_is_stored(api: Any) -> None:
    sent = {
        "job_id": "1",
        "name": "  Zoe\u0308 ",
        "department_id": 1.0,
        "datetime": "2021-07-27 18:02:08.5+02:00",
        "id": "007",
    }

    response = send(api, sent)

    assert response.status_code == 201
    assert response.json() == {
        "id": 7,
        "name": "Zoë",
        "datetime": "2021-07-27T16:02:08.500000Z",
        "department_id": 1,
        "job_id": 1,
    }
    assert response.json() == api.get(f"{EMPLOYEES}7/").json()


def test_one_object_that_is_there_already_is_answered_200_with_the_row(api: Any) -> None:
    send(api, ADA)

    response = send(api, ADA)

    assert response.status_code == 200
    assert "Location" not in response
    assert response.json() == ADA


def test_one_rejected_object_is_answered_422_with_the_batch(api: Any) -> None:
    response = send(api, ADA | {"department_id": 999})

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:hrapi:problem:unknown_department",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "1 received: 0 inserted, 0 unchanged, 1 rejected, 0 not attempted.",
        "code": "unknown_department",
        "batch": Batch.objects.get().pk,
        "table": "employees",
        "mode": "partial",
        "dry_run": False,
        "received": 1,
        "inserted": 0,
        "unchanged": 0,
        "rejected": 1,
        "not_attempted": 0,
        "rejected_rows": [
            {
                "index": 0,
                "line": None,
                "id": 7,
                "rejected_row": RejectedRow.objects.get().pk,
                "errors": [UNKNOWN_DEPARTMENT],
            }
        ],
    }
    assert stored_ids() == []


def test_an_array_of_one_is_answered_as_a_batch(api: Any) -> None:
    response = send(api, [ADA])

    assert response.status_code == 201
    assert "Location" not in response
    assert counts(response.json()) == [1, 1, 0, 0, 0]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
@pytest.mark.parametrize(
    "rows, status, code",
    [
        pytest.param([ADA], 201, None, id="all inserted"),
        pytest.param([ADA, employee_row(id=1, name="Old")], 201, None, id="inserted and unchanged"),
        pytest.param([employee_row(id=1, name="Old")], 200, None, id="all unchanged"),
        pytest.param([employee_row(id=1, name="New")], 422, "already_exists", id="all rejected"),
    ],
)
def test_both_modes_have_the_same_status_where_nothing_or_all_is_rejected(
    api: Any, mode: str, rows: list[Any], status: int, code: str | None
) -> None:
    send(api, employee_row(id=1, name="Old"))

    response = send(api, rows, to=f"{EMPLOYEES}?mode={mode}")

    assert response.status_code == status
    assert response.json().get("code") == code
    assert response.json()["mode"] == mode


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([ADA, employee_row(id=0)], id="inserted and rejected"),
        pytest.param(
            [employee_row(id=1, name="Old"), employee_row(id=0)], id="unchanged and rejected"
        ),
        pytest.param([ADA, employee_row(id=1, name="Old"), employee_row(id=0)], id="some of each"),
    ],
)
def test_some_rows_rejected_is_answered_207(api: Any, rows: list[Any]) -> None:
    send(api, employee_row(id=1, name="Old"))

    response = send(api, rows)

    assert response.status_code == 207
    assert response["Content-Type"] == "application/json"
    assert response.json()["rejected"] == 1


def test_an_atomic_batch_with_one_bad_row_stores_nothing(api: Any) -> None:
    send(api, employee_row(id=1, name="Old"))
    before = stored_employees()

    response = send(
        api,
        [ADA, employee_row(id=1, name="Old"), employee_row(id=9, department_id=999)],
        to=f"{EMPLOYEES}?mode=atomic",
    )

    rejected = RejectedRow.objects.get()
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:hrapi:problem:unknown_department",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "3 received: 0 inserted, 0 unchanged, 1 rejected, 2 not attempted."
        " Nothing was stored: the batch is atomic.",
        "code": "unknown_department",
        "batch": rejected.batch_id,
        "table": "employees",
        "mode": "atomic",
        "dry_run": False,
        "received": 3,
        "inserted": 0,
        "unchanged": 0,
        "rejected": 1,
        "not_attempted": 2,
        "rejected_rows": [
            {
                "index": 2,
                "line": None,
                "id": 9,
                "rejected_row": rejected.pk,
                "errors": [UNKNOWN_DEPARTMENT],
            }
        ],
    }
    assert stored_employees() == before
    assert rejected.status == "open"
    batch = Batch.objects.get(pk=rejected.batch_id)
    assert (batch.received, batch.rejected, batch.not_attempted) == (3, 1, 2)


def test_an_atomic_batch_lists_every_rejected_row(api: Any) -> None:
    rows = [employee_row(id=0), ADA, employee_row(id=9, department_id=999), ADA | {"name": "Eve"}]

    response = send(api, rows, to=f"{EMPLOYEES}?mode=atomic")

    assert counts(response.json()) == [4, 0, 0, 3, 1]
    assert [(row["index"], faults_of(row)) for row in response.json()["rejected_rows"]] == [
        (0, [("id", "out_of_range")]),
        (2, [("department_id", "unknown_department")]),
        (3, [("id", "duplicate_in_batch")]),
    ]
    assert stored_ids() == []


def test_an_atomic_batch_can_be_sent_again_when_it_is_corrected(api: Any) -> None:
    send(api, [ADA, employee_row(id=8, job_id=999)], to=f"{EMPLOYEES}?mode=atomic")

    response = send(api, [ADA, employee_row(id=8)], to=f"{EMPLOYEES}?mode=atomic")

    assert response.status_code == 201
    assert stored_ids() == [7, 8]
