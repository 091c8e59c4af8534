"""The command `load`, called in this process: what it stores, keeps and says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi import sample_data
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.loading import batches, csv_file, jsonl_file, load, rejections
from tests.ingestion.sending import DEPARTMENTS, EMPLOYEES, send, stored_employees, stored_ids
from tests.installation import Finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> None:
    """The departments and jobs that `sample_data.employee_rows` refers to."""
    Department.objects.bulk_create(Department(**row) for row in sample_data.department_rows())
    Job.objects.bulk_create(Job(**row) for row in sample_data.job_rows())


def stored(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What the table holds when exactly these rows are stored."""
    return [tuple((row | {"datetime": _moment(row)}).values()) for row in rows]


def _moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["datetime"])


def everything_stored() -> tuple[Any, ...]:
    tables = (Department, Job, Employee, Batch, RejectedRow)
    return tuple(list(table.objects.order_by("id").values()) for table in tables)


@pytest.mark.parametrize(
    "write, name, options",
    [
        pytest.param(csv_file, "people.csv", [], id="CSV"),
        pytest.param(csv_file, "people.txt", [], id="CSV of another name"),
        pytest.param(csv_file, "people.jsonl", ["--format", "csv"], id="CSV as told"),
        pytest.param(jsonl_file, "people.jsonl", [], id="JSON Lines by .jsonl"),
        pytest.param(jsonl_file, "people.NDJSON", [], id="JSON Lines by .NDJSON"),
        pytest.param(jsonl_file, "people.csv", ["--format", "jsonl"], id="JSON Lines as told"),
    ],
)
@pytest.mark.usefixtures("company")
def test_a_file_of_more_than_two_chunks_lands_whole(
    tmp_path: Path, write: Callable[..., Path], name: str, options: list[str]
) -> None:
    rows = list(sample_data.employee_rows(2_500))

    finished = load("employees", write(tmp_path / name, rows), *options)

    [batch] = Batch.objects.all()
    assert finished == Finished(
        0,
        "employees: 2,500 received: 2,500 inserted, 0 unchanged, 0 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "",
    )
    assert stored_employees() == stored(rows)
    assert batches() == [("employees", 2500, 2500, 0, 0, 0)]
    assert rejections() == []


@pytest.mark.usefixtures("company")
def test_the_batch_of_a_load_tells_where_it_came_from(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "hired employees – 2025.csv", sample_data.employee_rows(2))

    load("employees", path)

    batch = Batch.objects.get()
    assert (batch.source, batch.file_name, batch.mode, batch.user) == (
        "command",
        "hired employees – 2025.csv",
        "partial",
        None,
    )
    assert (batch.refused_code, batch.refused_detail) == ("", "")
    assert batch.finished_at is not None
    assert batch.created_at <= batch.finished_at
    assert set(Employee.objects.values_list("batch_id", flat=True)) == {batch.pk}


@pytest.mark.usefixtures("references")
def test_a_line_that_is_no_json_is_rejected_and_its_neighbours_land(tmp_path: Path) -> None:
    good = [json.dumps(employee_row(id=number)) for number in (1, 2)]
    path = tmp_path / "people.jsonl"
    path.write_text(f"{good[0]}\n\n{{'id': 3}}\n{good[1]}\n")

    finished = load("employees", path)

    batch = Batch.objects.get()
    assert finished == Finished(
        3,
        "employees: 3 received: 2 inserted, 0 unchanged, 1 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "line 3: not_an_object\n"
        f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n",
    )
    assert stored_ids() == [1, 2]
    assert rejections() == [(3, "open", ["not_an_object"])]


def test_old_files_without_header_with_crlf_and_missing_cells_load(tmp_path: Path) -> None:
    departments = tmp_path / "departments.csv"
    departments.write_bytes(b"1,Product Planning\r\n2,Sales\r\n3,Stores\r\n")
    jobs = tmp_path / "jobs.csv"
    jobs.write_bytes(b'1,Marketing Helper\r\n2,"Buyer, senior"\r\n')
    employees = tmp_path / "hired_employees.csv"
    employees.write_bytes(
        b"1,Harriet Vogel,2021-11-07T02:48:42Z,2,1\r\n"
        b"2,Tyrone Hof,2021-05-30T05:43:46Z,3,\r\n"
        b"3,Lyn Hadley,,1,2\r\n"
        b"4,,2021-10-01T13:04:21Z,2,2\r\n"
        b"5,Greta Loring,2021-10-10T22:22:17Z,,1\r\n"
        b"6,,,,\r\n"
        b"7,Zo\xc3\xab D'Arcy,2021-12-31T23:59:59Z,3,2\r\n"
        b"8,Ann Other,2021-01-01T00:00:00Z,9,9"
    )

    finished = [
        load("departments", departments),
        load("jobs", jobs),
        load("employees", employees),
    ]

    ids = list(Batch.objects.order_by("id").values_list("id", flat=True))
    assert finished == [
        Finished(
            0,
            "departments: 3 received: 3 inserted, 0 unchanged, 0 rejected, 0 not attempted."
            f" (batch {ids[0]})\n",
            "",
        ),
        Finished(
            0,
            "jobs: 2 received: 2 inserted, 0 unchanged, 0 rejected, 0 not attempted."
            f" (batch {ids[1]})\n",
            "",
        ),
        Finished(
            3,
            "employees: 8 received: 2 inserted, 0 unchanged, 6 rejected, 0 not attempted."
            f" (batch {ids[2]})\n",
            "line 2: job_id: required\n"
            "line 3: datetime: required\n"
            "line 4: name: required\n"
            "line 5: department_id: required\n"
            "line 6: name: required; datetime: required; department_id: required; job_id: required\n"
            "line 8: department_id: unknown_department; job_id: unknown_job\n"
            f"They are kept in the reject log: /api/v1/rejected-rows/?batch={ids[2]}\n",
        ),
    ]
    assert list(Department.objects.order_by("id").values_list("id", "department")) == [
        (1, "Product Planning"),
        (2, "Sales"),
        (3, "Stores"),
    ]
    assert list(Job.objects.order_by("id").values_list("id", "job")) == [
        (1, "Marketing Helper"),
        (2, "Buyer, senior"),
    ]
    assert stored_employees() == [
        (1, "Harriet Vogel", datetime(2021, 11, 7, 2, 48, 42, tzinfo=UTC), 2, 1),
        (7, "Zoë D'Arcy", datetime(2021, 12, 31, 23, 59, 59, tzinfo=UTC), 3, 2),
    ]


@pytest.mark.parametrize(
    "content, option, department",
    [
        ("1,a;b\n2,c;d\n", ",", "a;b"),
        ("1;a,b\n2;c,d\n", ";", "a,b"),
        ("1\ta,b\n2\tc,d\n", "tab", "a,b"),
        ("1\ta,b\n2\tc,d\n", "\t", "a,b"),
        ("1|a,b\n2|c,d\n", "|", "a,b"),
        ("1|a,b\n2|c,d\n", "pipe", "a,b"),
    ],
)
def test_the_delimiter_can_be_named_where_it_cannot_be_found(
    tmp_path: Path, content: str, option: str, department: str
) -> None:
    path = tmp_path / "departments.csv"
    path.write_text(content)
    assert load("departments", path).code == 1

    finished = load("departments", path, "--delimiter", option)

    assert finished.code == 0
    assert list(Department.objects.order_by("id").values_list("id", "department")) == [
        (1, department),
        (2, department.replace("a", "c").replace("b", "d")),
    ]


def test_a_delimiter_that_cannot_be_found_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("1;a,b\n2;c,d\n")

    finished = load("departments", path)

    assert finished == Finished(
        1,
        "",
        "CommandError: It cannot be told which delimiter the file is written with. Name it: comma,"
        " semicolon, tab or pipe, as `?delimiter=…` in the address or `--delimiter …` on the command"
        " line.\n",
    )
    assert Department.objects.count() == 0
    assert Batch.objects.get().refused_code == "invalid_parameter"


def test_a_header_names_the_columns_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("Department Name,DEPARTMENT-ID\nSales,4\n")

    assert load("departments", path).code == 0
    assert list(Department.objects.values_list("id", "department")) == [(4, "Sales")]


def test_a_first_line_is_a_row_when_the_header_is_said_to_be_absent(tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("id,department\n1,Sales\n")

    finished = load("departments", path, "--header", "absent")

    assert finished.code == 3
    assert rejections() == [(1, "open", ["not_an_integer"])]
    assert list(Department.objects.values_list("id", "department")) == [(1, "Sales")]


def test_a_first_line_that_is_no_header_is_refused_when_one_is_said_to_be_present(
    tmp_path: Path,
) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("1,Sales\n2,Stores\n")

    finished = load("departments", path, "--header", "present")

    assert finished == Finished(
        1,
        "",
        "CommandError: The header in line 1 does not name every field once. unknown: '1', 'Sales';"
        " missing: id, department. Expected, in any order: id, department.\n",
    )
    assert Department.objects.count() == 0


@pytest.mark.usefixtures("references")
def test_a_file_in_another_encoding_is_refused_whole_with_the_byte_and_the_line(
    tmp_path: Path,
) -> None:
    rows = list(sample_data.employee_rows(6_000))
    good = [f"{row['id']},{row['id']} Smith,2021-11-07T02:48:42Z,1,1" for row in rows]
    lines = [line.encode() for line in good]
    lines[4_998] = "4999,José Smith,2021-11-07T02:48:42Z,1,1".encode("cp1252")
    path = tmp_path / "people.csv"
    path.write_bytes(b"\n".join(lines))
    offset = path.read_bytes().index(b"\xe9")

    finished = load("employees", path)

    detail = (
        f"The file is not utf-8 text: the byte 0xE9 at offset {offset}, in line 4999, cannot be read."
        " Save it as UTF-8, or name its encoding; if that is cp1252: `charset=cp1252` in"
        " Content-Type, `encoding` of a load, `--encoding cp1252` on the command line."
    )
    assert finished == Finished(1, "", f"CommandError: {detail}\n")
    assert stored_ids() == []
    assert rejections() == []
    batch = Batch.objects.get()
    assert (batch.table, batch.source, batch.file_name) == ("employees", "command", "people.csv")
    assert (batch.refused_code, batch.refused_detail) == ("undecodable", detail)
    assert batches() == [("employees", 0, 0, 0, 0, 0)]
    assert batch.finished_at is not None


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_a_file_in_a_named_encoding_loads(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "departments.csv"
    path.write_bytes("id,department\n1,Qualité\n2,Übersee\n".encode(encoding))

    finished = load("departments", path, "--encoding", encoding)

    assert finished.code == 0
    assert list(Department.objects.order_by("id").values_list("id", "department")) == [
        (1, "Qualité"),
        (2, "Übersee"),
    ]


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("1,Sales\n")

    finished = load("departments", path, "--encoding", "klingon")

    assert finished == Finished(
        2,
        "",
        "CommandError: 'klingon' is not a text encoding that can be read. Name another one, such as"
        " utf-8, cp1252, latin-1 or utf-16: `charset=…` in Content-Type, `encoding` of a load,"
        " `--encoding …` on the command line.\n",
    )
    assert Department.objects.count() == 0


@pytest.mark.parametrize("option", [["--delimiter", ";"], ["--header", "present"]])
@pytest.mark.parametrize("name", [["a.jsonl"], ["a.txt", "--format", "jsonl"]])
def test_options_of_csv_mean_nothing_to_json_lines(
    tmp_path: Path, name: list[str], option: list[str]
) -> None:
    (tmp_path / name[0]).write_text('{"id": 1, "department": "Sales"}\n')

    finished = load("departments", tmp_path / name[0], *name[1:], *option)

    assert (finished.code, finished.output) == (2, "")
    assert "are for CSV" in finished.errors
    assert not Department.objects.exists()


@pytest.mark.parametrize("delimiter", ["x", "", ",,", "\u00a7"])
def test_a_delimiter_that_no_file_has_is_wrong_usage(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("1,Sales\n")

    finished = load("departments", path, "--delimiter", delimiter)

    assert (finished.code, finished.output) == (2, "")
    assert "is not a delimiter that can be read" in finished.errors
    assert not Batch.objects.exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    finished = load("departments", tmp_path / "none.csv")

    assert finished == Finished(
        1, "", f"CommandError: {tmp_path}/none.csv: No such file or directory\n"
    )
    assert Batch.objects.count() == 0


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    finished = load("departments", tmp_path)

    assert finished == Finished(1, "", f"CommandError: {tmp_path}: Is a directory\n")
    assert Batch.objects.count() == 0


@pytest.mark.parametrize("mode", ["partial", "atomic"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xef\xbb\xbf", id="a byte order mark"),
        pytest.param(b"\r\n\r\n", id="blank lines"),
        pytest.param(b"id,department\n", id="a header"),
    ],
)
def test_a_file_without_rows_is_refused_and_the_refusal_is_kept(
    tmp_path: Path, content: bytes, mode: str
) -> None:
    path = tmp_path / "departments.csv"
    path.write_bytes(content)

    finished = load("departments", path, "--mode", mode)

    assert finished == Finished(1, "", "CommandError: There are no rows.\n")
    batch = Batch.objects.get()
    assert (batch.refused_code, batch.refused_detail) == ("empty_batch", "There are no rows.")
    assert (batch.file_name, batch.mode) == ("departments.csv", mode)
    assert batches() == [("departments", 0, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    "content, problem",
    [
        pytest.param(
            b"PK\x03\x04[Content_Types].xml",
            "The file looks like an Excel workbook (.xlsx) or another spreadsheet, not like CSV or"
            " JSON. Open it in the spreadsheet program, save it as CSV UTF-8, and send that file.",
            id="a workbook",
        ),
        pytest.param(
            b"<!DOCTYPE html><html>",
            "The file looks like an HTML or XML page, not like CSV or JSON. Perhaps a login page was"
            " saved. Send the CSV file itself.",
            id="a page",
        ),
        pytest.param(
            b"1,Sa\x00les\n",
            "The file is not utf-8 text: it has a NUL byte, 0x00, at offset 4, in line 1. If it is a"
            " binary file, save the table as CSV UTF-8; else take the byte out.",
            id="a NUL",
        ),
        pytest.param(
            b"id,dept,department\n1,x,Sales\n",
            "The header in line 1 does not name every field once. unknown: 'dept'. Expected, in any"
            " order: id, department.",
            id="an unknown column",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_looks_like(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "departments.csv"
    path.write_bytes(content)

    finished = load("departments", path)

    assert finished == Finished(1, "", f"CommandError: {problem}\n")
    assert Department.objects.count() == 0
    assert Batch.objects.get().refused_detail == problem


def test_a_file_whose_name_is_not_utf_8_loads(tmp_path: Path) -> None:
    path = tmp_path / "qualit\udce9.csv"
    path.write_text("1,Sales\n")

    finished = load("departments", path)

    assert finished.code == 0
    assert list(Department.objects.values_list("id", "department")) == [(1, "Sales")]
    assert Batch.objects.get().file_name.startswith("qualit")


@pytest.mark.usefixtures("references")
def test_every_row_rejected_is_another_exit_code_and_only_the_first_ones_are_shown(
    tmp_path: Path,
) -> None:
    rows = [employee_row(id=number, name="") for number in range(1, 1_235)]

    finished = load("employees", csv_file(tmp_path / "people.csv", rows))

    batch = Batch.objects.get()
    assert finished == Finished(
        4,
        "employees: 1,234 received: 0 inserted, 0 unchanged, 1,234 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "".join(f"line {line}: name: required\n" for line in range(2, 22))
        + "… and 1,214 more rejected rows.\n"
        + f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n",
    )
    assert stored_ids() == []
    assert rejections() == [(line, "open", ["required"]) for line in range(2, 1_236)]
    assert batches() == [("employees", 1234, 0, 0, 1234, 0)]


@pytest.mark.usefixtures("company")
def test_a_second_load_of_a_file_inserts_nothing_and_leaves_each_rejected_row_open_once(
    tmp_path: Path,
) -> None:
    rows = [
        *sample_data.employee_rows(1_100),
        *sample_data.bad_employee_rows(first_id=1_101)[:9],
        *sample_data.employee_rows(900, first_id=1_201),
    ]
    path = csv_file(tmp_path / "people.csv", rows)
    first = load("employees", path)
    before = stored_employees()

    second = load("employees", path)

    ids = list(Batch.objects.order_by("id").values_list("id", flat=True))
    said = (
        "line 1102: name: required\n"
        "line 1103: name: required; job_id: required\n"
        "line 1104: name: forbidden_character\n"
        "line 1105: name: too_long\n"
        "line 1106: datetime: invalid_datetime\n"
        "line 1107: datetime: invalid_datetime\n"
        "line 1108: department_id: unknown_department\n"
        "line 1109: job_id: unknown_job\n"
        "line 1110: job_id: not_an_integer\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch="
    )
    assert first == Finished(
        3,
        "employees: 2,009 received: 2,000 inserted, 0 unchanged, 9 rejected, 0 not attempted."
        f" (batch {ids[0]})\n",
        f"{said}{ids[0]}\n",
    )
    assert second == Finished(
        3,
        "employees: 2,009 received: 0 inserted, 2,000 unchanged, 9 rejected, 0 not attempted."
        f" (batch {ids[1]})\n",
        f"{said}{ids[1]}\n",
    )
    assert len(before) == 2_000
    assert stored_employees() == before
    log = RejectedRow.objects.order_by("id").values_list("batch_id", "line", "status")
    assert list(log) == [
        *((ids[0], line, "superseded") for line in range(1102, 1111)),
        *((ids[1], line, "open") for line in range(1102, 1111)),
    ]


EQUAL, OTHER, BAD = {"name": "Ada"}, {"name": "Bob"}, {"name": ""}


@pytest.mark.parametrize("options", [[], ["--mode", "atomic"], ["--dry-run"]])
@pytest.mark.parametrize("second_of_pair", [999, 1_000, 1_001])
@pytest.mark.parametrize(
    "first, second, inserted, unchanged, codes",
    [
        pytest.param(EQUAL, EQUAL, 1, 1, [], id="equal"),
        pytest.param(EQUAL, OTHER, 1, 0, ["duplicate_in_batch"], id="different"),
        pytest.param(BAD, EQUAL, 1, 0, ["required"], id="the first is bad"),
        pytest.param(EQUAL, BAD, 1, 0, ["required"], id="the second is bad"),
    ],
)
@pytest.mark.usefixtures("references")
def test_the_same_id_twice_gets_the_same_verdict_on_both_sides_of_a_transaction(
    tmp_path: Path,
    first: dict[str, Any],
    second: dict[str, Any],
    inserted: int,
    unchanged: int,
    codes: list[str],
    second_of_pair: int,
    options: list[str],
) -> None:
    rows = [employee_row(id=number) for number in range(1, second_of_pair)]
    rows += [employee_row(id=7_000, **first), employee_row(id=7_000, **second)]
    path = csv_file(tmp_path / "people.csv", rows)

    finished = load("employees", path, "--json", *options)

    answer = json.loads(finished.output)
    is_undone = bool(codes) and "atomic" in options
    good = second_of_pair - 1
    assert [answer[name] for name in ("received", "inserted", "unchanged", "not_attempted")] == [
        good + 2,
        0 if is_undone else good + inserted,
        0 if is_undone else unchanged,
        good + 1 if is_undone else 0,
    ]
    found = [[error["code"] for error in row["errors"]] for row in answer["rejected_rows"]]
    assert found == ([codes] if codes else [])
    is_kept = not is_undone and options != ["--dry-run"]
    assert Employee.objects.count() == (good + inserted if is_kept else 0)


@pytest.mark.usefixtures("references")
def test_a_load_and_its_rows_posted_one_by_one_leave_the_same_behind(
    tmp_path: Path, api: Any
) -> None:
    rows = [
        employee_row(id=1, name="Ada"),
        employee_row(id=2, name=""),
        employee_row(id=3, name=" Zoë\u00a0", datetime="2021-03-31 23:00:00-05:00"),
        employee_row(id=4, name="José", department_id=9, job_id=9),
        employee_row(id="5.0", name="=1+1"),
    ]
    expected = [
        (1, "Ada", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC), 1, 1),
        (3, "Zoë", datetime(2021, 4, 1, 4, 0, 0, tzinfo=UTC), 1, 1),
        (5, "=1+1", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC), 1, 1),
    ]
    path = csv_file(tmp_path / "people.csv", rows)

    def by_command() -> None:
        assert load("employees", path).code == 3

    def by_json_lines() -> None:
        assert load("employees", jsonl_file(tmp_path / "people.jsonl", rows)).code == 3

    def by_array() -> None:
        assert send(api, rows).status_code == 207

    def by_csv() -> None:
        assert send(api, path.read_bytes(), content_type="text/csv").status_code == 207

    def by_single_rows() -> None:
        assert [send(api, row).status_code for row in rows] == [201, 422, 201, 422, 201]

    for bring in (by_command, by_json_lines, by_array, by_csv, by_single_rows):
        Employee.objects.all().delete()
        bring()
        assert stored_employees() == expected
        # However often and in whatever form it was sent: one open entry for each bad row.
        still_open = RejectedRow.objects.filter(status="open").order_by("row_id")
        assert list(still_open.values_list("row_id", "codes")) == [
            (2, ["required"]),
            (4, ["unknown_department", "unknown_job"]),
        ]
    sources = Batch.objects.order_by("id").values_list("source", "file_name")
    assert list(sources) == [
        ("command", "people.csv"),
        ("command", "people.jsonl"),
        *[("api", "")] * 7,
    ]


@pytest.mark.usefixtures("company")
def test_one_bad_row_in_the_third_chunk_of_an_atomic_load_leaves_nothing_but_the_reject_log(
    tmp_path: Path,
) -> None:
    rows = list(sample_data.employee_rows(2_500))
    for row in (rows[6], employee_row(id=9_000, name="Not of this file")):
        Employee.objects.create(**row | {"datetime": _moment(row)})
    before = stored_employees()
    rows[2_200]["name"] = ""
    path = csv_file(tmp_path / "people.csv", rows)

    finished = load("employees", path, "--mode", "atomic")

    batch = Batch.objects.get()
    assert finished == Finished(
        3,
        "employees: 2,500 received: 0 inserted, 0 unchanged, 1 rejected, 2,499 not attempted."
        f" Nothing was stored: the batch is atomic. (batch {batch.pk})\n",
        "line 2202: name: required\n"
        f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n",
    )
    assert stored_employees() == before
    assert batches() == [("employees", 2500, 0, 0, 1, 2499)]
    assert (batch.mode, batch.finished_at is not None) == ("atomic", True)
    assert rejections() == [(2202, "open", ["required"])]


@pytest.mark.usefixtures("company")
def test_an_atomic_load_without_bad_rows_lands_whole(tmp_path: Path) -> None:
    rows = list(sample_data.employee_rows(2_500))
    path = csv_file(tmp_path / "people.csv", rows)

    finished = load("employees", path, "--mode", "atomic")

    batch = Batch.objects.get()
    assert finished == Finished(
        0,
        "employees: 2,500 received: 2,500 inserted, 0 unchanged, 0 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "",
    )
    assert stored_employees() == stored(rows)
    assert batches() == [("employees", 2500, 2500, 0, 0, 0)]


@pytest.mark.usefixtures("references")
def test_an_atomic_load_of_bad_rows_only_has_the_exit_code_of_them(tmp_path: Path) -> None:
    rows = [employee_row(id=number, name="") for number in (1, 2)]

    finished = load("employees", csv_file(tmp_path / "people.csv", rows), "--mode", "atomic")

    assert finished.code == 4
    assert batches() == [("employees", 2, 0, 0, 2, 0)]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
@pytest.mark.usefixtures("company")
def test_a_dry_run_counts_what_the_load_will_count_and_keeps_nothing(
    tmp_path: Path, mode: str
) -> None:
    rows = [*sample_data.employee_rows(2_200), *sample_data.employee_rows(100)]
    rows[1_500]["department_id"] = 99
    rows[2_250]["name"] = "Somebody Else"
    path = csv_file(tmp_path / "people.csv", rows)
    before = everything_stored()

    tried = load("employees", path, "--mode", mode, "--dry-run")
    answer = json.loads(load("employees", path, "--mode", mode, "--dry-run", "--json").output)

    assert everything_stored() == before
    assert (answer["batch"], answer["dry_run"]) == (None, True)
    assert [(row["line"], row["rejected_row"]) for row in answer["rejected_rows"]] == [
        (1502, None),
        (2252, None),
    ]
    done = load("employees", path, "--mode", mode)
    batch = Batch.objects.get()
    counts = {
        "partial": "2,300 received: 2,199 inserted, 99 unchanged, 2 rejected, 0 not attempted.",
        "atomic": "2,300 received: 0 inserted, 0 unchanged, 2 rejected, 2,298 not attempted."
        " Nothing was stored: the batch is atomic.",
    }[mode]
    said = "line 1502: department_id: unknown_department\nline 2252: id: duplicate_in_batch\n"
    assert tried == Finished(
        3, f"employees: {counts} Nothing was kept: this was a dry run.\n", said
    )
    assert done == Finished(
        3,
        f"employees: {counts} (batch {batch.pk})\n",
        f"{said}They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n",
    )


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_long_lines_that_differ_only_at_their_ends_are_two_open_entries(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"jobs.{suffix}"
    path.write_text("".join(f'1,"{"x" * 100_000}{end}\n' for end in "aba"))

    load("jobs", path, *(["--header", "absent"] if suffix == "csv" else []))

    rejected = RejectedRow.objects.order_by("line")
    assert [(row.line, row.status) for row in rejected] == [
        (1, "superseded"),
        (2, "open"),
        (3, "open"),
    ]
    assert {row.raw_truncated for row in rejected} == {True}


@pytest.mark.usefixtures("references")
def test_a_dry_run_leaves_open_entries_of_the_reject_log_open(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "people.csv", [employee_row(id=1, name=""), employee_row(id=2)])
    load("employees", path)
    before = everything_stored()

    finished = load("employees", path, "--dry-run")

    assert finished.output == (
        "employees: 2 received: 0 inserted, 1 unchanged, 1 rejected, 0 not attempted."
        " Nothing was kept: this was a dry run.\n"
    )
    assert everything_stored() == before


@pytest.mark.parametrize("content", [b"", b"1,\xff\n", b"1,a\x00\n"])
def test_a_dry_run_of_a_file_that_is_refused_keeps_no_record_of_it(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "departments.csv"
    path.write_bytes(content)

    assert load("departments", path, "--dry-run").code == 1
    assert Batch.objects.count() == 0


def test_json_is_the_answer_of_the_api(tmp_path: Path, api: Any) -> None:
    DepartmentFactory(id=1, department="Sales")
    body = "id,department\n1,Sales\n2,Stores\nx,\n"
    path = tmp_path / "departments.csv"
    path.write_text(body)
    tried = send(api, body, to=f"{DEPARTMENTS}?dry_run=true", content_type="text/csv").json()

    finished = load("departments", path, "--json")

    batch = Batch.objects.get()
    rejected_row = RejectedRow.objects.get()
    answer = json.loads(finished.output)
    assert answer == {
        "batch": batch.pk,
        "table": "departments",
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
                "line": 4,
                "id": None,
                "rejected_row": rejected_row.pk,
                "errors": [
                    {
                        "field": "id",
                        "code": "not_an_integer",
                        "message": answer["rejected_rows"][0]["errors"][0]["message"],
                        "value": "x",
                    },
                    {
                        "field": "department",
                        "code": "required",
                        "message": "This field is required.",
                        "value": "",
                    },
                ],
            }
        ],
    }
    assert list(answer) == list(tried)
    tried["rejected_rows"][0]["rejected_row"] = rejected_row.pk
    assert answer == tried | {"batch": batch.pk, "dry_run": False}
    assert finished.code == 3
    assert finished.errors == (
        "line 4: id: not_an_integer; department: required\n"
        f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n"
    )


@pytest.mark.usefixtures("references")
def test_json_holds_the_first_thousand_rejected_rows_and_all_counts(tmp_path: Path) -> None:
    rows = [employee_row(id=number, name="") for number in range(1, 2_003)]

    finished = load("employees", csv_file(tmp_path / "people.csv", rows), "--json")

    answer = json.loads(finished.output)
    assert (answer["received"], answer["rejected"]) == (2002, 2002)
    assert [row["line"] for row in answer["rejected_rows"]] == list(range(2, 1_002))
    assert finished.code == 4


def test_rows_that_are_stored_with_other_content_are_rejected(tmp_path: Path, api: Any) -> None:
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1)
    assert send(api, employee_row(id=5, name="Ada")).status_code == 201
    path = csv_file(tmp_path / "people.csv", [employee_row(id=5, name="Bob")])

    finished = load("employees", path)

    assert finished.code == 4
    assert rejections() == [(2, "open", ["already_exists"])]
    assert api.get(f"{EMPLOYEES}5/").json()["name"] == "Ada"
