"""The file of rejected rows to correct."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User

from hrapi.ingestion.models import RejectedRow
from tests.ingestion.log import BATCHES, REJECTED_ROWS, batch, rejected_row
from tests.ingestion.sending import EMPLOYEES, send, stored_ids
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

NOTES = "_rejected_row,_line,_codes,_messages"


REQUIRED = "This field is required."


CORRECTION_HEADER = f"id,name,datetime,department_id,job_id,{NOTES}\n"


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
