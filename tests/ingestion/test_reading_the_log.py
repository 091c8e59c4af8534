"""Batches and the reject log: lists, filters, CSV, and the file of rejected rows to correct."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from hrapi.ingestion.models import Batch, RejectedRow
from tests.ingestion.sending import EMPLOYEES, send, stored_ids
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/batches/"
REJECTED_ROWS = "/api/v1/rejected-rows/"
MOMENT = datetime(2021, 7, 27, 16, 2, 8, 5, tzinfo=UTC)
BATCH_HEADER = (
    "id,table,source,file_name,mode,received,inserted,unchanged,rejected,not_attempted,"
    "refused_code,refused_detail,user,created_at,finished_at,undoes,removed,undone_by\n"
)
REJECTED_ROW_HEADER = (
    "id,batch,table,index,line,row_id,status,errors,raw,raw_truncated,created_at,history\n"
)
NOTES = "_rejected_row,_line,_codes,_messages"
REQUIRED = "This field is required."
CORRECTION_HEADER = f"id,name,datetime,department_id,job_id,{NOTES}\n"


def batch(**changes: Any) -> Batch:
    stored: dict[str, Any] = {
        "table": "employees",
        "source": "api",
        "mode": "partial",
        "created_at": MOMENT,
        "finished_at": MOMENT,
        "undoes": None,
        "removed": 0,
        "undone_by": None,
    }
    return Batch.objects.create(**stored | changes)


def fault(field: str | None, code: str) -> dict[str, Any]:
    return {"field": field, "code": code, "message": "Wrong.", "value": None}


def rejected_row(of: Batch, *, raw: Any = "{}", codes: tuple[str, ...] = ("required",)) -> Any:
    """An entry of the log; `raw` as a text is kept as it is, anything else as JSON."""
    text = raw if isinstance(raw, str) else json.dumps(raw)
    number = RejectedRow.objects.count()
    entry = RejectedRow.objects.create(
        batch=of,
        table=of.table,
        index=number,
        raw=text,
        raw_length=len(text),
        errors=[fault("name", code) for code in codes],
        codes=list(codes),
        content_hash=f"{number:064}",
    )
    RejectedRow.objects.filter(pk=entry.pk).update(created_at=MOMENT)
    return entry


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


def corrections(client: Any, number: int) -> str:
    """The text of the file of rejected rows of a batch."""
    response = client.get(f"{BATCHES}{number}/rejected-rows.csv")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return text_of(response)


BAD = [
    {
        "id": 7,
        "name": "",
        "datetime": "2021-11-07T02:48:42Z",
        "department_id": 1,
        "job_id": 1,
    },
    {
        "id": 8,
        "name": "=1+1",
        "datetime": "yesterday",
        "department_id": 99,
        "job_id": None,
    },
    {"id": 9, "name": "Bob, the Cat", "datetime": "2021-11-07T02:48:42Z", "department_id": 1},
]


@pytest.mark.usefixtures("references")
def test_the_file_of_rejected_rows_has_their_fields_and_what_is_wrong(api: Any) -> None:
    answer = send(api, BAD).json()
    first, second, third = (row["rejected_row"] for row in answer["rejected_rows"])

    response = api.get(f"{BATCHES}{answer['batch']}/rejected-rows.csv")

    assert response["Content-Disposition"] == (
        f'attachment; filename="employees-batch-{answer["batch"]}-rejected-rows.csv"'
    )
    assert text_of(response) == (
        CORRECTION_HEADER
        + f"7,,2021-11-07T02:48:42Z,1,1,{first},,name: required,name: {REQUIRED}\n"
        + f"8,'=1+1,yesterday,99,,{second},,datetime: invalid_datetime;"
        + " department_id: unknown_department; job_id: required,"
        + "datetime: This is not an ISO 8601 date and time. Write it like 2021-07-27T16:02:08Z or"
        + " 2021-07-27T16:02:08+02:00. department_id: No department has id 99."
        + f" job_id: {REQUIRED}\n"
        + f'9,"Bob, the Cat",2021-11-07T02:48:42Z,1,,{third},,job_id: required,job_id: {REQUIRED}\n'
    )


@pytest.mark.usefixtures("references")
def test_the_file_sent_back_after_correction_lands(api: Any) -> None:
    text = corrections(api, send(api, BAD).json()["batch"])

    corrected = text.replace("7,,", "7,Ann,").replace("yesterday,99,,", "2021-11-07,1,1,")
    corrected = corrected.replace("2021-11-07,1,1", "2021-11-07T00:00:00Z,1,1")
    corrected = corrected.replace('Cat",2021-11-07T02:48:42Z,1,,', 'Cat",2021-11-07T02:48:42Z,1,1,')
    response = send(api, corrected, content_type="text/csv")

    assert response.status_code == 201, response.content
    assert [
        (row["id"], row["name"], row["datetime"]) for row in api.get(EMPLOYEES).json()["results"]
    ] == [
        (7, "Ann", "2021-11-07T02:48:42Z"),
        (8, "=1+1", "2021-11-07T00:00:00Z"),
        (9, "Bob, the Cat", "2021-11-07T02:48:42Z"),
    ]


@pytest.mark.usefixtures("references")
def test_the_file_sent_back_untouched_is_rejected_again_and_each_row_is_open_once(api: Any) -> None:
    first = send(api, BAD).json()
    text = corrections(api, first["batch"])

    response = send(api, text, content_type="text/csv")

    assert response.status_code == 422
    assert [row["line"] for row in response.json()["rejected_rows"]] == [2, 3, 4]
    assert stored_ids() == []
    assert list(RejectedRow.objects.order_by("id").values_list("batch_id", "status")) == [
        *[(first["batch"], "superseded")] * 3,
        *[(response.json()["batch"], "open")] * 3,
    ]
    again = corrections(api, response.json()["batch"])
    assert [line.split(",")[0] for line in again.splitlines()] == ["id", "7", "8", "9"]


@pytest.mark.usefixtures("references")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a\\u0000b", id="NUL"),
        pytest.param("a\\ud800b", id="lone surrogate"),
        pytest.param("a\\u0001b", id="control"),
        pytest.param("a\\nb", id="line feed"),
        pytest.param("a\\rb", id="carriage return"),
        pytest.param("a\\u2028b", id="line separator"),
        pytest.param("a\\u202eb", id="direction override"),
        pytest.param("a\\uffffb", id="noncharacter"),
    ],
)
def test_a_name_that_cannot_be_kept_does_not_become_another_on_its_way_through_the_file(
    api: Any, name: str
) -> None:
    row = f'{{"id": 7, "name": "{name}", "datetime": "2021-11-07T02:48:42Z",'
    first = send(api, f'[{row} "department_id": 1, "job_id": 1}}]').json()
    assert first["rejected_rows"][0]["errors"][0]["code"] == "forbidden_character"

    response = send(api, corrections(api, first["batch"]), content_type="text/csv")

    assert stored_ids() == []
    assert response.status_code == 422, response.content
    assert [error["code"] for error in response.json()["rejected_rows"][0]["errors"]] == [
        "forbidden_character"
    ]


def notes_of(file: str) -> list[tuple[str, ...]]:
    """The cells of the table's own columns as one text, then `_codes` and `_messages`, of each row."""
    rows = list(csv.reader(io.StringIO(file)))
    assert ",".join(rows[0]).endswith(NOTES)
    return [(",".join(row[:-4]), row[-2], row[-1]) for row in rows[1:]]


@pytest.mark.usefixtures("references")
def test_rows_that_have_no_place_in_cells_are_shown_beside_them(api: Any) -> None:
    sent = [7, None, [1, "Ann", None], {"id": {"a": [1.50]}, "zz": 1}, {**BAD[0], "name": 5}]
    answer = send(api, sent).json()

    found = notes_of(corrections(api, answer["batch"]))

    assert [(cells, codes) for cells, codes, _ in found] == [
        (",,,,", "not_an_object"),
        (",,,,", "not_an_object"),
        (",,,,", "not_an_object"),
        (
            ",,,,",
            "id: wrong_type; name: required; datetime: required; department_id: required;"
            " job_id: required; zz: unknown_field",
        ),
        ("7,,2021-11-07T02:48:42Z,1,1", "name: wrong_type"),
    ]
    messages = [messages for _, _, messages in found]
    assert messages[:3] == [
        "The row is a number. Send an object. Sent: 7",
        "The row is null. Send an object. Sent: null",
        'The row is an array. Send an object. Sent: [1, "Ann", null]',
    ]
    assert messages[3].endswith(' Sent: {"id": {"a": [1.5]}, "zz": 1}')
    assert messages[4].endswith(
        ' Sent: {"id": 7, "name": 5, "datetime": "2021-11-07T02:48:42Z", "department_id": 1, "job_id": 1}'
    )


@pytest.mark.usefixtures("references")
def test_ragged_and_malformed_lines_of_a_file_are_shown_whole(api: Any) -> None:
    file = (
        "id,name,datetime,department_id,job_id\n"
        "7,Ann\n"
        "8,Bob,2021-11-07T02:48:42Z,1,1,more\n"
        '9,"Cy,2021-11-07T02:48:42Z,1,1\n'
    )
    answer = send(api, file, content_type="text/csv").json()

    text = corrections(api, answer["batch"])

    assert [row[-3] for row in csv.reader(io.StringIO(text))] == ["_line", "2", "3", "4"]
    found = notes_of(text)
    assert [(cells, codes) for cells, codes, _ in found] == [
        (",,,,", "ragged_row"),
        (",,,,", "ragged_row"),
        (",,,,", "malformed_csv"),
    ]
    assert [messages.partition(" Sent: ")[2] for _, _, messages in found] == [
        '["7", "Ann"]',
        '["8", "Bob", "2021-11-07T02:48:42Z", "1", "1", "more"]',
        '"9,\\"Cy,2021-11-07T02:48:42Z,1,1"',
    ]


@pytest.mark.usefixtures("references")
def test_a_row_that_was_too_long_to_keep_has_its_place_and_no_cells(api: Any) -> None:
    answer = send(api, [{"id": 7, "name": "x" * 20000}]).json()

    [(cells, codes, messages)] = notes_of(corrections(api, answer["batch"]))

    assert (cells, codes.partition(";")[0]) == (",,,,", "name: too_long")
    kept = ("{" + f'"id": 7, "name": "{"x" * 20000}')[: 16 * 1024]
    assert messages.partition(" Sent: ")[2] == kept


def test_the_file_has_the_columns_of_the_batchs_table(api: Any) -> None:
    of = batch(table="jobs", received=1, rejected=1)
    entry = rejected_row(of, raw={"id": 3, "job": "", "name": "not of this table"})

    assert corrections(api, of.pk) == (
        f"id,job,{NOTES}\n3,,{entry.pk},,name: required,name: Wrong.\n"
    )


def test_the_file_of_a_batch_without_rejections_is_a_header(api: Any) -> None:
    assert corrections(api, batch().pk) == CORRECTION_HEADER


def test_the_file_of_a_batch_lists_what_is_no_longer_open(api: Any) -> None:
    of = batch()
    entry = rejected_row(of, raw={"id": 3})
    RejectedRow.objects.update(status="superseded")

    assert corrections(api, of.pk) == (
        f"{CORRECTION_HEADER}3,,,,,{entry.pk},,name: required,name: Wrong.\n"
    )


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30, "9" * 5000, "x", "-1"])
def test_the_file_of_a_batch_that_does_not_exist_is_not_found(api: Any, number: str) -> None:
    assert_problem(api.get(f"{BATCHES}{number}/rejected-rows.csv"), 404, "not_found")


def test_the_file_takes_no_parameters(api: Any) -> None:
    response = api.get(f"{BATCHES}{batch().pk}/rejected-rows.csv?status=open")

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"].startswith("There is no parameter 'status' here.")


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("address", [BATCHES, REJECTED_ROWS, "{batch}/rejected-rows.csv"])
@pytest.mark.parametrize("answered_as", ["application/json", "text/csv"])
def test_the_log_costs_the_same_number_of_queries_for_any_number_of_rows(
    api: Any, django_assert_num_queries: Any, address: str, rows: int, answered_as: str
) -> None:
    of = batch()
    for number in range(rows):
        rejected_row(of)
        batch(user=User.objects.create_user(f"user {number}"))
    path = address.replace("{batch}", f"{BATCHES}{of.pk}")

    is_file = path.endswith(".csv")

    # The permissions of the user, the rows; files and whole lists are counted, and those with names recorded; a
    # file needs its batch as well.
    with django_assert_num_queries(5 if is_file else 4 if answered_as == "text/csv" else 2):
        text_of(api.get(path, headers={"accept": answered_as}))
