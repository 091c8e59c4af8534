"""What posting rows is answered with, whole bodies and all statuses, and what is kept afterwards."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError

from employees.models import Employee
from hrapi.ingestion import views
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    JobFactory,
    department_row,
    employee_row,
    job_row,
)
from tests.ingestion.sending import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    employee_text,
    faults_of,
    send,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

ADA = {
    "id": 7,
    "name": "Ada Byron",
    "datetime": "2021-11-07T02:48:42Z",
    "department_id": 1,
    "job_id": 1,
}
UNKNOWN_DEPARTMENT = {
    "field": "department_id",
    "code": "unknown_department",
    "message": "No department has id 999.",
    "value": 999,
}


def counts(answer: dict[str, Any]) -> list[int]:
    names = ("received", "inserted", "unchanged", "rejected", "not_attempted")
    return [answer[name] for name in names]


def statuses() -> list[str]:
    return list(RejectedRow.objects.order_by("id").values_list("status", flat=True))


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


@pytest.mark.parametrize("mode", ["partial", "atomic"])
@pytest.mark.parametrize(
    "rows, status",
    [
        pytest.param([ADA], 200, id="all good"),
        pytest.param([employee_row(id=1, name="Old")], 200, id="all unchanged"),
        pytest.param([employee_row(id=0)], 422, id="all rejected"),
    ],
)
def test_a_dry_run_is_answered_without_keeping_anything(
    api: Any, mode: str, rows: list[Any], status: int
) -> None:
    send(api, employee_row(id=1, name="Old"))
    before = stored_employees()

    dry = send(api, rows, to=f"{EMPLOYEES}?mode={mode}&dry_run=true")

    assert dry.status_code == status
    assert dry.json()["batch"] is None
    assert dry.json()["dry_run"] is True
    assert stored_employees() == before
    assert Batch.objects.count() == 1
    assert RejectedRow.objects.count() == 0


@pytest.mark.parametrize("mode, status", [("partial", 207), ("atomic", 422)])
def test_a_dry_run_counts_what_the_real_run_counts(api: Any, mode: str, status: int) -> None:
    send(api, employee_row(id=1, name="Old"))
    rows = [
        ADA,
        ADA,
        ADA | {"name": "Eve"},
        employee_row(id=1, name="Old"),
        employee_row(id=1, name="New"),
        employee_row(id=9, department_id=999),
        {},
    ]

    dry = send(api, rows, to=f"{EMPLOYEES}?mode={mode}&dry_run=true")
    real = send(api, rows, to=f"{EMPLOYEES}?mode={mode}")

    assert dry.status_code == real.status_code == status
    assert counts(dry.json()) == counts(real.json())
    assert [row["rejected_row"] for row in dry.json()["rejected_rows"]] == [None] * 4
    assert [row | {"rejected_row": None} for row in real.json()["rejected_rows"]] == dry.json()[
        "rejected_rows"
    ]


def test_a_dry_run_leaves_open_entries_of_the_log_open(api: Any) -> None:
    send(api, [employee_row(id=9, department_id=999)])

    send(api, [employee_row(id=9, department_id=999)], to=f"{EMPLOYEES}?dry_run=true")

    assert statuses() == ["open"]


def test_a_dry_run_of_one_object_answers_the_row(api: Any) -> None:
    response = send(api, ADA, to=f"{EMPLOYEES}?dry_run=true")

    assert response.status_code == 200
    assert "Location" not in response
    assert response.json() == ADA
    assert stored_ids() == []


def test_dry_run_false_keeps_what_it_takes(api: Any) -> None:
    response = send(api, [ADA], to=f"{EMPLOYEES}?dry_run=false&mode=partial")

    assert response.status_code == 201
    assert stored_ids() == [7]


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


def test_the_same_row_twice_in_a_batch_is_unchanged_the_second_time(api: Any) -> None:
    response = send(api, [ADA, ADA, ADA])

    assert response.status_code == 201
    assert counts(response.json()) == [3, 1, 2, 0, 0]
    assert stored_ids() == [7]


def test_another_content_under_the_same_id_in_a_batch_is_rejected(api: Any) -> None:
    response = send(api, [ADA, ADA | {"name": "Eve"}, ADA])

    assert response.status_code == 207
    assert counts(response.json()) == [3, 1, 1, 1, 0]
    [row] = response.json()["rejected_rows"]
    assert row["index"] == 1
    assert row["errors"] == [
        {
            "field": "id",
            "code": "duplicate_in_batch",
            "message": "An earlier row of this batch has the id 7 and other content.",
            "value": 7,
        }
    ]
    assert stored_employees()[0][1] == "Ada Byron"


def test_the_first_good_row_of_an_id_counts_not_the_first_row(api: Any) -> None:
    response = send(api, [ADA | {"department_id": 999}, ADA | {"name": ""}, ADA])

    assert response.status_code == 207
    assert counts(response.json()) == [3, 1, 0, 2, 0]
    assert stored_employees()[0][1] == "Ada Byron"


def test_another_content_under_a_stored_id_is_rejected(api: Any) -> None:
    send(api, ADA)
    before = stored_employees()

    response = send(api, [ADA | {"name": "Eve"}, ADA | {"name": "Eve"}])

    assert response.status_code == 422
    assert [faults_of(row) for row in response.json()["rejected_rows"]] == [
        [("id", "already_exists")],
        [("id", "already_exists")],
    ]
    assert response.json()["rejected_rows"][0]["errors"] == [
        {
            "field": "id",
            "code": "already_exists",
            "message": "A row with the id 7 and other content is stored already.",
            "value": 7,
        }
    ]
    assert stored_employees() == before


@pytest.mark.parametrize(
    "change",
    [
        {"name": "ada byron"},
        {"datetime": "2021-11-07T02:48:43Z"},
        {"department_id": 2},
        {"job_id": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_field_makes_another_content(api: Any, change: dict[str, Any]) -> None:
    DepartmentFactory(id=2)
    JobFactory(id=2)
    send(api, ADA)

    response = send(api, [ADA | change])

    assert response.json()["code"] == "already_exists"


def test_an_unchanged_row_is_not_logged_and_keeps_its_batch(api: Any) -> None:
    send(api, [ADA])
    first = Batch.objects.get()

    response = send(api, [ADA])

    assert counts(response.json()) == [1, 0, 1, 0, 0]
    assert RejectedRow.objects.count() == 0
    assert Employee.objects.get().batch_id == first.pk


def test_a_row_rejected_again_supersedes_its_earlier_entry(api: Any) -> None:
    bad = employee_row(id=9, department_id=999)

    first = send(api, [bad]).json()
    second = send(api, [bad]).json()

    assert statuses() == ["superseded", "open"]
    by_batch = [
        api.get(f"/api/v1/rejected-rows/?batch={answer['batch']}").json()["results"]
        for answer in (first, second)
    ]
    assert [[(row["id"], row["status"]) for row in rows] for rows in by_batch] == [
        [(first["rejected_rows"][0]["rejected_row"], "superseded")],
        [(second["rejected_rows"][0]["rejected_row"], "open")],
    ]


def test_a_row_rejected_twice_in_one_batch_is_open_once(api: Any) -> None:
    bad = employee_row(id=9, department_id=999)

    response = send(api, [bad, bad, employee_row(id=10, department_id=999), bad])

    assert statuses() == ["superseded", "superseded", "open", "open"]
    assert [row["index"] for row in response.json()["rejected_rows"]] == [0, 1, 2, 3]
    assert list(RejectedRow.objects.order_by("id").values_list("index", flat=True)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(
            '[{"id": 9, "name": "A", "datetime": "now", "department_id": 1, "job_id": 1}]',
            id="the same text",
        ),
        pytest.param(
            '[{"job_id": 1, "department_id": 1, "datetime": "now", "name": "A", "id": 9}]',
            id="another order of fields",
        ),
        pytest.param(
            '[\n {"id":9,"name":"A","datetime":"now",\n  "department_id":1,"job_id":1} ]',
            id="other spaces",
        ),
        pytest.param(
            r'[{"id": 9, "name": "\u0041", "datetime": "now", "department_id": 1, "job_id": 1}]',
            id="escaped",
        ),
        pytest.param(
            '[{"id": 9, "name": " A ", "datetime": "now", "department_id": 1, "job_id": 1}]',
            id="spaces around a text",
        ),
        pytest.param(
            '[{"id": "9", "name": "A", "datetime": "now", "department_id": "1", "job_id": "1"}]',
            id="numbers as texts",
        ),
    ],
)
def test_the_same_content_written_otherwise_is_the_same_entry(api: Any, again: str) -> None:
    send(api, [{"id": 9, "name": "A", "datetime": "now", "department_id": 1, "job_id": 1}])

    send(api, again)

    assert statuses() == ["superseded", "open"]


def test_the_same_content_as_csv_is_the_same_entry(api: Any) -> None:
    send(api, [{"id": 9, "name": "A", "datetime": "now", "department_id": 1, "job_id": 1}])

    send(
        api,
        "id,name,datetime,department_id,job_id\n9,A,now,1,1\n",
        content_type="text/csv",
    )

    assert statuses() == ["superseded", "open"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(employee_row(id=10, name="A", department_id=999), id="another id"),
        pytest.param(employee_row(id=9, name="B", department_id=999), id="another name"),
        pytest.param(employee_row(id=9, name="A", department_id=998), id="another reference"),
        pytest.param(
            employee_row(id=9, name="A", department_id=999) | {"x": 1}, id="another field"
        ),
    ],
)
def test_another_content_is_another_entry(api: Any, other: dict[str, Any]) -> None:
    send(api, [employee_row(id=9, name="A", department_id=999)])

    send(api, [other])

    assert statuses() == ["open", "open"]


def test_the_same_content_for_another_table_is_another_entry(api: Any) -> None:
    send(api, [{"id": 0}], to=DEPARTMENTS)

    send(api, [{"id": 0}], to=JOBS)

    assert statuses() == ["open", "open"]


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


@pytest.mark.parametrize(
    "address, row, field",
    [
        (DEPARTMENTS, department_row(id=7), "department"),
        (JOBS, job_row(id=7), "job"),
    ],
)
def test_departments_and_jobs_are_answered_alike(
    api: Any, address: str, row: dict[str, Any], field: str
) -> None:
    response = send(api, [row, row, row | {field: "Other"}, {"id": 8}], to=address)

    assert response.status_code == 207
    answer = response.json()
    assert counts(answer) == [4, 1, 1, 2, 0]
    assert [faults_of(rejected) for rejected in answer["rejected_rows"]] == [
        [("id", "duplicate_in_batch")],
        [(field, "required")],
    ]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([department_row(id=2, department="Sales")], id="two departments of one name"),
        pytest.param(
            [department_row(id=2, department="A"), department_row(id=3, department="A")],
            id="in one batch",
        ),
    ],
)
def test_names_need_not_be_unique(api: Any, rows: list[Any]) -> None:
    response = send(api, rows, to=DEPARTMENTS)

    assert response.status_code == 201


@pytest.mark.parametrize("table", [EMPLOYEES, DEPARTMENTS, JOBS])
def test_what_can_be_read_can_be_posted(api: Any, table: str) -> None:
    send(api, [ADA])
    rows = api.get(table).json()["results"]

    response = send(api, rows, to=table)

    assert response.status_code == 200
    assert response.json()["unchanged"] == len(rows) == 1


def test_a_busy_database_is_answered_503_with_retry_after(api: Any) -> None:
    with mock.patch.object(views, "ingest_batch", autospec=True, side_effect=OperationalError):
        response = send(api, [ADA])

    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0
    assert response.json()["code"] == "service_unavailable"
    assert stored_ids() == []


def test_a_fault_of_our_own_is_answered_500_without_a_word_of_it(api: Any, caplog: Any) -> None:
    with mock.patch.object(
        views, "ingest_batch", autospec=True, side_effect=RuntimeError("a secret")
    ):
        response = send(api, [ADA])

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "internal_error"
    assert "secret" not in response.content.decode()
    assert "a secret" in caplog.text
    assert stored_ids() == []


@pytest.mark.parametrize(
    "group, status",
    [("loaders", 201), ("stewards", 201), ("administrators", 201), ("readers", 403)],
)
def test_who_may_add_may_post(client_of: Any, group: str, status: int) -> None:
    response = send(client_of(group), [ADA])

    assert response.status_code == status
    assert len(stored_ids()) == (1 if status == 201 else 0)
