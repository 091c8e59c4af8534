"""How `load` reads a file: delimiters, headers, encodings, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from departments.models import Department
from hrapi import sample_data
from hrapi.ingestion.models import Batch
from jobs.models import Job
from tests.ingestion.loading import batches, load, rejections
from tests.ingestion.sending import stored_employees, stored_ids
from tests.installation import Finished

pytestmark = pytest.mark.django_db


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
