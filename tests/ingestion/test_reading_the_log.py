"""Batches and the reject log: lists, filters, CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User

from hrapi.ingestion.models import Batch, RejectedRow
from tests.ingestion.log import BATCHES, MOMENT, REJECTED_ROWS, batch, fault, rejected_row
from tests.ingestion.sending import send
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

BATCH_HEADER = (
    "id,table,source,file_name,mode,received,inserted,unchanged,rejected,not_attempted,"
    "refused_code,refused_detail,user,created_at,finished_at,undoes,removed,undone_by\n"
)


REJECTED_ROW_HEADER = (
    "id,batch,table,index,line,row_id,status,errors,raw,raw_truncated,created_at,history\n"
)


def ids_of(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_a_batch_is_shown_with_its_counts_and_who_sent_it(api: Any) -> None:
    user = User.objects.create_user("ann")
    taken = batch(
        user=user,
        mode="atomic",
        source="command",
        file_name="hired.csv",
        received=10,
        inserted=1,
        unchanged=2,
        rejected=3,
        not_attempted=4,
    )
    shown = {
        "id": taken.pk,
        "table": "employees",
        "source": "command",
        "file_name": "hired.csv",
        "mode": "atomic",
        "received": 10,
        "inserted": 1,
        "unchanged": 2,
        "rejected": 3,
        "not_attempted": 4,
        "refused_code": None,
        "refused_detail": None,
        "user": "ann",
        "created_at": "2021-07-27T16:02:08.000005Z",
        "finished_at": "2021-07-27T16:02:08.000005Z",
        "undoes": None,
        "removed": 0,
        "undone_by": None,
    }

    assert api.get(f"{BATCHES}{taken.pk}/").json() == shown
    assert api.get(BATCHES).json() == {"next": None, "previous": None, "results": [shown]}


def test_a_batch_outlives_its_user_and_may_be_unfinished(api: Any) -> None:
    user = User.objects.create_user("ann")
    taken = batch(user=user, finished_at=None)
    user.delete()

    shown = api.get(f"{BATCHES}{taken.pk}/").json()

    assert (shown["user"], shown["finished_at"]) == (None, None)


def test_a_refused_request_is_shown_with_the_reason(api: Any) -> None:
    problem = assert_problem(send(api, "[]"), 400, "empty_batch")

    shown = api.get(f"{BATCHES}{problem['batch']}/").json()

    assert shown["refused_code"] == "empty_batch"
    assert shown["refused_detail"] == problem["detail"]
    assert (shown["received"], shown["user"]) == (0, "administrators-user")


@pytest.fixture
def batches(db: None) -> dict[int, str]:
    """Five batches, and what each is called in the expectations, by its id."""
    return {
        batch(table="departments").pk: "departments by api",
        batch(table="jobs", source="command").pk: "jobs by command",
        batch().pk: "employees by api",
        batch(refused_code="empty_batch", refused_detail="There are no rows.").pk: "refused",
        batch(source="command").pk: "employees by command",
    }


@pytest.mark.parametrize(
    "query, found",
    [
        ({"table": "departments"}, ["departments by api"]),
        ({"table": "employees"}, ["employees by api", "refused", "employees by command"]),
        ({"source": "command"}, ["jobs by command", "employees by command"]),
        ({"source": "api"}, ["departments by api", "employees by api", "refused"]),
        ({"refused": "true"}, ["refused"]),
        (
            {"refused": "false"},
            ["departments by api", "jobs by command", "employees by api", "employees by command"],
        ),
        ({"table": "employees", "source": "api", "refused": "false"}, ["employees by api"]),
        ({"table": "jobs", "refused": "true"}, []),
    ],
)
def test_filters_of_batches_find_exactly_these(
    api: Any, batches: dict[int, str], query: dict[str, str], found: list[str]
) -> None:
    assert [batches[number] for number in ids_of(api.get(BATCHES, query))] == found

    lines = text_of(api.get(BATCHES, query | {"format": "csv"})).splitlines()[1:]
    assert [batches[int(line.partition(",")[0])] for line in lines] == found


@pytest.mark.parametrize(
    "address, name, value",
    [
        (BATCHES, "table", "people"),
        (BATCHES, "table", "Employees"),
        (BATCHES, "table", "employees\x00"),
        (BATCHES, "source", "email"),
        (BATCHES, "refused", "perhaps"),
        (BATCHES, "refused", "2"),
        (REJECTED_ROWS, "table", "people"),
        (REJECTED_ROWS, "status", "closed"),
        (REJECTED_ROWS, "status", "OPEN"),
        (REJECTED_ROWS, "code", "not_found"),
        (REJECTED_ROWS, "code", "required,too_long"),
        (REJECTED_ROWS, "batch", "x"),
        (REJECTED_ROWS, "batch", "0"),
        (REJECTED_ROWS, "batch", "9" * 5000),
        (REJECTED_ROWS, "batch", "１"),
    ],
)
def test_a_filter_of_the_log_with_a_wrong_value_is_refused(
    api: Any, address: str, name: str, value: str
) -> None:
    problem = assert_problem(api.get(address, {name: value}), 400, "invalid_parameter")

    assert problem["detail"].startswith(f"{name}: ")


@pytest.mark.parametrize(
    "address, query, detail",
    [
        (
            BATCHES,
            "user=1",
            "There is no parameter 'user' here."
            " Known are: cursor, format, page_size, refused, source, table.",
        ),
        (
            REJECTED_ROWS,
            "user=1",
            "There is no parameter 'user' here."
            " Known are: batch, code, cursor, format, page_size, row_id, status, table.",
        ),
        (BATCHES, "table=jobs&table=jobs", "table: send the parameter once, not twice."),
        (REJECTED_ROWS, "code=required&code=too_long", "code: send the parameter once, not twice."),
    ],
)
def test_a_parameter_of_the_log_that_is_unknown_or_doubled_is_refused(
    api: Any, address: str, query: str, detail: str
) -> None:
    problem = assert_problem(api.get(f"{address}?{query}"), 400, "invalid_parameter")

    assert problem["detail"] == detail


def test_a_rejected_row_is_shown_with_all_its_faults_and_as_it_was_sent(api: Any) -> None:
    answer = send(
        api,
        'id,name,datetime,department_id,job_id\n7," =1",2021-11-07T02:48:42Z,9,x\n',
        content_type="text/csv",
    ).json()
    [number] = [row["rejected_row"] for row in answer["rejected_rows"]]
    RejectedRow.objects.update(created_at=MOMENT)
    shown = {
        "id": number,
        "batch": answer["batch"],
        "table": "employees",
        "index": 0,
        "line": 2,
        "row_id": 7,
        "status": "open",
        "errors": [
            {
                "field": "department_id",
                "code": "unknown_department",
                "message": "No department has id 9.",
                "value": 9,
            },
            {
                "field": "job_id",
                "code": "not_an_integer",
                "message": "Send a whole number in the digits 0 to 9, like 7.",
                "value": "x",
            },
        ],
        "raw": '{"id": "7", "name": " =1", "datetime": "2021-11-07T02:48:42Z",'
        ' "department_id": "9", "job_id": "x"}',
        "raw_truncated": False,
        "created_at": "2021-07-27T16:02:08.000005Z",
        "history": [],
    }

    assert api.get(f"{REJECTED_ROWS}{number}/").json() == shown
    assert api.get(REJECTED_ROWS).json() == {"next": None, "previous": None, "results": [shown]}


@pytest.fixture
def log(db: None) -> dict[int, str]:
    """Six entries of three batches, and what each is called in the expectations, by its id."""
    jobs, employees, more = batch(table="jobs"), batch(), batch()
    names = {
        rejected_row(jobs).pk: "job",
        rejected_row(employees, codes=("too_long",)).pk: "long",
        rejected_row(employees, codes=("required", "unknown_job")).pk: "two faults",
        rejected_row(more).pk: "resolved",
        rejected_row(more).pk: "superseded",
        rejected_row(more).pk: "discarded",
    }
    for number, name in names.items():
        if name in RejectedRow.Status.values:
            RejectedRow.objects.filter(pk=number).update(status=name)
    return names


@pytest.mark.parametrize(
    "query, found",
    [
        ({"table": "jobs"}, ["job"]),
        ({"table": "departments"}, []),
        ({"status": "open"}, ["job", "long", "two faults"]),
        ({"status": "resolved"}, ["resolved"]),
        ({"status": "superseded"}, ["superseded"]),
        ({"status": "discarded"}, ["discarded"]),
        ({"code": "too_long"}, ["long"]),
        ({"code": "unknown_job"}, ["two faults"]),
        ({"code": "required"}, ["job", "two faults", "resolved", "superseded", "discarded"]),
        ({"code": "malformed_csv"}, []),
        ({"code": "required", "status": "open", "table": "employees"}, ["two faults"]),
    ],
)
def test_filters_of_rejected_rows_find_exactly_these(
    api: Any, log: dict[int, str], query: dict[str, str], found: list[str]
) -> None:
    assert [log[number] for number in ids_of(api.get(REJECTED_ROWS, query))] == found

    lines = text_of(api.get(REJECTED_ROWS, query | {"format": "csv"})).splitlines()[1:]
    assert [log[int(line.partition(",")[0])] for line in lines] == found


def test_rejected_rows_are_filtered_by_their_batch(api: Any, log: dict[int, str]) -> None:
    first, second, third = Batch.objects.order_by("id").values_list("id", flat=True)

    assert [log[n] for n in ids_of(api.get(REJECTED_ROWS, {"batch": first}))] == ["job"]
    assert [log[n] for n in ids_of(api.get(REJECTED_ROWS, {"batch": second}))] == [
        "long",
        "two faults",
    ]
    assert [
        log[n] for n in ids_of(api.get(REJECTED_ROWS, {"batch": third, "status": "resolved"}))
    ] == ["resolved"]
    assert ids_of(api.get(REJECTED_ROWS, {"batch": third + 1})) == []


def test_the_log_is_paged_in_the_order_of_ids_forth_and_back(api: Any, log: dict[int, str]) -> None:
    first = api.get(f"{REJECTED_ROWS}?page_size=4")
    second = api.get(first.json()["next"])
    back = api.get(second.json()["previous"])

    assert ids_of(first) + ids_of(second) == sorted(log)
    assert second.json()["next"] is None
    assert ids_of(back) == ids_of(first)


@pytest.mark.parametrize("address", [BATCHES, REJECTED_ROWS])
@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "1" * 5000, "x", "-1", "１"])
def test_an_id_that_no_entry_has_is_not_found(api: Any, address: str, number: str) -> None:
    rejected_row(batch())

    assert_problem(api.get(f"{address}{number}/"), 404, "not_found")


@pytest.mark.parametrize(
    "address, header", [(BATCHES, BATCH_HEADER), (REJECTED_ROWS, REJECTED_ROW_HEADER)]
)
def test_csv_of_an_empty_log_is_a_header(api: Any, address: str, header: str) -> None:
    assert text_of(api.get(f"{address}?format=csv")) == header


def test_batches_are_answered_as_csv_harmless_in_a_spreadsheet(api: Any) -> None:
    user = User.objects.create_user("@ann")
    first = batch(user=user, file_name="=cmd|x.csv", received=2, inserted=1, rejected=1)
    second = batch(
        refused_code="bad_header", refused_detail='unknown: "a, b"\nSecond line', finished_at=None
    )

    response = api.get(f"{BATCHES}?format=csv")

    assert response["Content-Disposition"] == 'attachment; filename="batches.csv"'
    assert text_of(response) == (
        BATCH_HEADER
        + f"{first.pk},employees,api,'=cmd|x.csv,partial,2,1,0,1,0,,,'@ann,"
        + "2021-07-27T16:02:08.000005Z,2021-07-27T16:02:08.000005Z,,0,\n"
        + f'{second.pk},employees,api,,partial,0,0,0,0,0,bad_header,"unknown: ""a, b""\n'
        + 'Second line",,2021-07-27T16:02:08.000005Z,,,0,\n'
    )


@pytest.mark.usefixtures("references")
@pytest.mark.parametrize(
    "sent, raw",
    [
        pytest.param('{"name": "a\\u0000b"}', '{"name": "a\\u0000b"}', id="NUL"),
        pytest.param('{"name": "\\ud800"}', '{"name": "\\ud800"}', id="lone surrogate"),
        pytest.param('{"name": "Zoë"}', '{"name": "Zo\\u00eb"}', id="not ASCII"),
        pytest.param('{\n "id":\r\n 7}', '{"id": 7}', id="lines"),
        pytest.param('{"a": "\\"b\\", c"}', '{"a": "\\"b\\", c"}', id="quotes and commas"),
        pytest.param("-1", "'-1", id="formula"),
        pytest.param('"=1"', '"=1"', id="text like a formula"),
        pytest.param("[-1]", "[-1]", id="list"),
        pytest.param("null", "null", id="null"),
    ],
)
def test_rejected_rows_are_answered_as_csv_whatever_was_sent(api: Any, sent: str, raw: str) -> None:
    send(api, f"[{sent}]")
    [entry] = RejectedRow.objects.all()

    text = text_of(api.get(f"{REJECTED_ROWS}?format=csv"))

    assert text.startswith(REJECTED_ROW_HEADER)
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    [row] = [dict(zip(header, cells, strict=True)) for cells in rows]
    assert row["raw"] == raw
    assert (row["id"], row["batch"], row["status"]) == (str(entry.pk), str(entry.batch_id), "open")


def test_faults_are_one_cell_of_the_csv(api: Any) -> None:
    entry = rejected_row(batch(), codes=("required", "too_long"))
    RejectedRow.objects.update(
        errors=[fault("name", "required"), fault(None, "ragged_row"), fault("=x", "unknown_field")]
    )

    assert text_of(api.get(f"{REJECTED_ROWS}?format=csv")) == (
        REJECTED_ROW_HEADER
        + f"{entry.pk},{entry.batch_id},employees,0,,,open,"
        + "name: required; ragged_row; =x: unknown_field,{},false,2021-07-27T16:02:08.000005Z,\n"
    )


def test_csv_of_the_log_is_whole_beyond_a_page(api: Any) -> None:
    of = batch()
    RejectedRow.objects.bulk_create(
        RejectedRow(
            batch=of,
            table="employees",
            index=number,
            raw="{}",
            raw_length=2,
            errors=[],
            codes=[],
            content_hash=f"{number:064}",
        )
        for number in range(2100)
    )

    lines = text_of(api.get(f"{REJECTED_ROWS}?format=csv&page_size=1")).splitlines()

    assert [int(line.split(",")[3]) for line in lines[1:]] == list(range(2100))
