"""The file of rejected rows, corrected in a spreadsheet and sent back: each row is tied to its entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from tests.factories import DepartmentFactory, JobFactory
from tests.ingestion.loading import load
from tests.ingestion.sending import DEPARTMENTS, EMPLOYEES, JOBS, send, stored_ids
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

FILE = "/api/v1/rejected-rows.csv"
GOOD = {
    "id": 7,
    "name": "Ann",
    "datetime": "2021-11-07T02:48:42Z",
    "department_id": 1,
    "job_id": 1,
}
BAD = [
    {**GOOD, "name": ""},
    {**GOOD, "id": 8, "department_id": 99},
    {**GOOD, "id": None, "name": "=Cy"},
]

Rows = list[dict[str, str]]
SendBack = Callable[[str], Any]


@pytest.fixture(autouse=True)
def references() -> None:
    DepartmentFactory(id=1)
    JobFactory(id=1)


def file_of(client: Any, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode()


def rows_of(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text)))


def text_of(rows: Rows, *, delimiter: str = ",", bom: bool = False) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return ("\ufeff" if bom else "") + file.getvalue()


def states() -> dict[int, str]:
    return dict(RejectedRow.objects.order_by("id").values_list("id", "status"))


def rejected(client: Any, rows: Any = BAD, *, to: str = EMPLOYEES) -> tuple[list[int], Rows]:
    """The entries of these rows, and the rows of their file."""
    answer = send(client, rows, to=to).json()
    entries = [row["rejected_row"] for row in answer["rejected_rows"]]
    text = file_of(client, f"/api/v1/batches/{answer['batch']}/rejected-rows.csv")
    return entries, rows_of(text)


@pytest.fixture(params=["post", "form", "load"])
def send_back(request: pytest.FixtureRequest, api: Any, tmp_path: Path) -> SendBack:
    """Sends a file of employees back in one of the ways there are."""

    def post(text: str) -> None:
        send(api, text, content_type="text/csv")

    def form(text: str) -> None:
        file = io.BytesIO(text.encode())
        file.name = "corrected.csv"
        api.post(EMPLOYEES, {"file": file}, format="multipart")

    def by_command(text: str) -> None:
        path = tmp_path / "corrected.csv"
        path.write_text(text, newline="")
        load("employees", path)

    return {"post": post, "form": form, "load": by_command}[request.param]


@pytest.mark.parametrize(
    "saved",
    [{}, {"delimiter": ";"}, {"bom": True}, {"delimiter": "\t", "bom": True}],
    ids=["as it was", "semicolons", "BOM", "tabs and BOM"],
)
def test_corrected_rows_land_and_close_their_entries_however_the_file_was_saved(
    api: Any, send_back: SendBack, saved: dict[str, Any]
) -> None:
    entries, rows = rejected(api)
    rows[0]["name"], rows[1]["department_id"], rows[2]["id"] = "Ann", "1", "9"

    send_back(text_of(rows, **saved))

    assert states() == dict.fromkeys(entries, "resolved")
    assert list(Employee.objects.order_by("id").values_list("id", "name")) == [
        (7, "Ann"),
        (8, "Ann"),
        (9, "=Cy"),
    ]
    for entry in RejectedRow.objects.all():
        [event] = entry.history
        assert event["action"] == "resolved"
        assert event["reason"] == "It was corrected and sent again."
        assert event["batch"] == Employee.objects.get(pk=7).batch_id


def test_untouched_rows_stay_open_once(api: Any, send_back: SendBack) -> None:
    entries, rows = rejected(api)
    rows[0]["name"] = "Ann"

    send_back(text_of(rows))

    assert stored_ids() == [7]
    assert [states()[entry] for entry in entries] == ["resolved", "superseded", "superseded"]
    assert RejectedRow.objects.filter(status="open").count() == 2


def test_a_row_corrected_in_part_stays_open_once_as_it_is_by_then(
    api: Any, send_back: SendBack
) -> None:
    [entry], [row] = rejected(api, [{**GOOD, "name": "", "department_id": 99}])
    row["department_id"] = "1"

    send_back(text_of([row]))

    later = RejectedRow.objects.exclude(pk=entry).get()
    assert states() == {entry: "superseded", later.pk: "open"}
    assert later.codes == ["required"]
    [event] = RejectedRow.objects.get(pk=entry).history
    assert (event["action"], event["batch"]) == ("superseded", later.batch_id)


def test_the_same_corrected_file_twice_changes_nothing_more(api: Any, send_back: SendBack) -> None:
    _, rows = rejected(api)
    rows[0]["name"] = "Ann"
    send_back(text_of(rows))
    stored, before = stored_ids(), list(states().values()).count("open")

    send_back(text_of(rows))

    assert stored_ids() == stored
    assert list(states().values()).count("open") == before == 2


def test_a_row_under_another_id_closes_the_entry_that_it_was(api: Any) -> None:
    [entry], [row] = rejected(api, [{**GOOD, "name": ""}])
    row |= {"id": "70", "name": "Ann"}

    send(api, text_of([row]), content_type="text/csv")

    assert stored_ids() == [70]
    assert states() == {entry: "resolved"}


def test_a_conflict_is_closed_by_a_row_that_is_there(api: Any) -> None:
    send(api, [GOOD])
    [entry], [row] = rejected(api, [{**GOOD, "name": "Another"}])
    assert row["_codes"] == "id: already_exists"
    row["name"] = "Ann"

    answer = send(api, text_of([row]), content_type="text/csv").json()

    assert answer["unchanged"] == 1
    assert states() == {entry: "resolved"}


def test_rows_may_be_added_to_the_file_and_taken_out(api: Any) -> None:
    entries, rows = rejected(api)
    added = {**rows[0], "id": "70", "name": "New", "_rejected_row": ""}
    rows[0]["name"] = "Ann"

    answer = send(api, text_of([added, rows[0]]), content_type="text/csv").json()

    assert answer["inserted"] == 2
    assert [states()[entry] for entry in entries] == ["resolved", "open", "open"]


@pytest.mark.parametrize(
    "cell, code",
    [("x", "not_an_integer"), ("1.5", "not_an_integer"), ("0", "out_of_range")],
)
def test_an_entry_that_cannot_be_read_is_a_fault_of_the_row(api: Any, cell: str, code: str) -> None:
    entries, rows = rejected(api)
    rows[0] |= {"name": "Ann", "_rejected_row": cell}

    answer = send(api, text_of(rows[:1]), content_type="text/csv").json()

    assert stored_ids() == []
    [row] = answer["rejected_rows"]
    assert [(e["field"], e["code"], e["value"]) for e in row["errors"]] == [
        ("_rejected_row", code, cell)
    ]
    assert states()[entries[0]] == "open"


def test_an_entry_of_another_table_or_none_is_tied_to_nothing(api: Any) -> None:
    entries, _ = rejected(api)
    rows = [
        {"id": "1", "job": "Chef", "_rejected_row": str(entries[0])},
        {"id": "2", "job": "Cook", "_rejected_row": "999999"},
        {"id": "3", "job": "", "_rejected_row": str(entries[1])},
    ]

    answer = send(api, text_of(rows), to=JOBS, content_type="text/csv").json()

    assert answer["inserted"] + answer["rejected"] == 3
    assert [states()[entry] for entry in entries] == ["open"] * 3


def test_one_entry_twice_in_the_file_is_closed_by_the_row_that_is_taken(api: Any) -> None:
    [entry], [row] = rejected(api, [{**GOOD, "name": ""}])

    send(api, text_of([row, {**row, "name": "Ann"}]), content_type="text/csv")

    assert stored_ids() == [7]
    assert states()[entry] in {"resolved", "superseded"}
    assert list(states().values()).count("open") == 0


def test_a_dry_run_changes_nothing(api: Any) -> None:
    entries, rows = rejected(api)
    rows[0]["name"] = "Ann"

    answer = send(
        api, text_of(rows), to=f"{EMPLOYEES}?dry_run=true", content_type="text/csv"
    ).json()

    assert (answer["inserted"], answer["rejected"]) == (1, 2)
    assert states() == dict.fromkeys(entries, "open")


@pytest.mark.parametrize("by_command", [True, False])
def test_all_or_nothing_closes_all_or_none(api: Any, tmp_path: Path, by_command: bool) -> None:
    entries, rows = rejected(api)

    def send_back() -> None:
        if by_command:
            path = tmp_path / "corrected.csv"
            path.write_text(text_of(rows), newline="")
            load("employees", path, "--mode", "atomic")
        else:
            send(api, text_of(rows), to=f"{EMPLOYEES}?mode=atomic", content_type="text/csv")

    rows[0]["name"], rows[2]["id"] = "Ann", "9"
    send_back()
    assert stored_ids() == []
    assert [states()[entry] for entry in entries] == ["open", "superseded", "open"]

    rows[1]["department_id"] = "1"
    send_back()
    assert stored_ids() == [7, 8, 9]
    assert "open" not in list(states().values())


def test_a_file_of_many_thousands_closes_its_entries(api: Any, tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("id,department\n" + "".join(f"{n},\n" for n in range(1, 2501)))
    load("departments", path)
    rows = rows_of(file_of(api, f"{FILE}?table=departments"))
    assert len(rows) == 2500
    path.write_text(text_of([{**row, "department": f"D {row['id']}"} for row in rows]))

    load("departments", path)

    # One was there before.
    assert Department.objects.count() == 2500
    assert set(states().values()) <= {"resolved", "superseded", "open"}
    assert list(states().values()).count("resolved") == 2499


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('{"id": 7, "department": "A", "budget": 5}', id="a field more"),
        pytest.param('{"id": 7, "id": 8, "department": "A"}', id="two ids"),
        pytest.param('{"id": 7, "department": true}', id="a boolean"),
        pytest.param('{"id": 7, "department": "a\\u0000b"}', id="NUL"),
        pytest.param('[7, "A"]', id="an array"),
        pytest.param('{"id": 7, "department": "' + "x" * 20000 + '"}', id="too long to keep"),
    ],
)
def test_what_no_cell_can_hold_is_the_same_in_the_log_after_its_way_through_the_file(
    api: Any, row: str
) -> None:
    before = send(api, f"[{row}]", to=DEPARTMENTS).json()
    [entry] = RejectedRow.objects.values("raw", "raw_length", "errors", "codes", "content_hash")

    text = file_of(api, f"/api/v1/batches/{before['batch']}/rejected-rows.csv")
    again = send(api, text, to=DEPARTMENTS, content_type="text/csv").json()

    [rejection] = again["rejected_rows"]
    assert rejection["errors"] == before["rejected_rows"][0]["errors"]
    later = RejectedRow.objects.filter(status="open")
    assert list(later.values("raw", "raw_length", "errors", "codes", "content_hash")) == [entry]
    assert list(states().values()) == ["superseded", "open"]


def test_the_file_of_a_filter_has_the_open_entries_that_fit(api: Any) -> None:
    entries, _ = rejected(api)
    send(api, [{**GOOD, "id": 8}])

    def listed(query: str) -> list[str]:
        return [row["_rejected_row"] for row in rows_of(file_of(api, f"{FILE}?{query}"))]

    assert listed("table=employees") == [str(entries[0]), str(entries[2])]
    assert listed("table=employees&status=resolved") == [str(entries[1])]
    assert listed("table=employees&code=required&row_id=7") == [str(entries[0])]
    assert listed("table=jobs") == []
    disposition = api.get(f"{FILE}?table=employees")["Content-Disposition"]
    assert disposition == 'attachment; filename="employees-rejected-rows.csv"'


@pytest.mark.parametrize("query", ["", "?status=open", "?table=people", "?table=jobs&page_size=5"])
def test_the_file_of_a_filter_needs_a_table_and_knows_its_parameters(api: Any, query: str) -> None:
    assert_problem(api.get(FILE + query), 400, "invalid_parameter")


def test_a_column_that_is_merely_called_like_a_note_is_refused(api: Any) -> None:
    file = "id,department,line\n7,Law,5\n"

    response = send(api, file, to=DEPARTMENTS, content_type="text/csv")

    problem = assert_problem(response, 400, "bad_header")
    assert "unknown: 'line'" in problem["detail"]
