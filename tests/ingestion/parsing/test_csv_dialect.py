from __future__ import annotations

import io

import pytest

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.parsing.csv_dialect import (
    CsvOptions,
    Dialect,
    HeaderOption,
    find_dialect,
    take_sample,
)

DEPARTMENT = ("id", "department")
JOB = ("id", "job")
EMPLOYEE = ("id", "name", "datetime", "department_id", "job_id")
SINGULAR = {DEPARTMENT: "department", JOB: "job", EMPLOYEE: "employee"}

EXPECTED_EMPLOYEE = "Expected, in any order: id, name, datetime, department_id, job_id."


def dialect_of(
    text: str,
    *,
    fields: tuple[str, ...],
    delimiter: str | None = None,
    header: HeaderOption = "auto",
) -> Dialect:
    return find_dialect(
        take_sample(io.StringIO(text, newline="")),
        fields=fields,
        singular=SINGULAR[fields],
        options=CsvOptions(delimiter=delimiter, header=header),
    )


def refusal(
    text: str,
    *,
    fields: tuple[str, ...],
    delimiter: str | None = None,
    header: HeaderOption = "auto",
) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        dialect_of(text, fields=fields, delimiter=delimiter, header=header)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_each_delimiter_is_found_with_and_without_a_header(delimiter: str, end: str) -> None:
    header = delimiter.join(EMPLOYEE) + (end or "\n")
    row = delimiter.join(("1", "Ann Lee", "2021-07-27T16:02:08Z", "2", "3")) + end

    assert dialect_of(row, fields=EMPLOYEE) == Dialect(delimiter, EMPLOYEE, 0)
    assert dialect_of(header + row, fields=EMPLOYEE) == Dialect(delimiter, EMPLOYEE, 1)


@pytest.mark.parametrize(
    "text, delimiter",
    [
        pytest.param('1;"a,b"\n', ";", id="the other one inside quotes"),
        pytest.param('1,"a;b,c|d"\n', ",", id="all others inside quotes"),
        pytest.param("1,a;b\n2,c\n", ",", id="fits more records"),
        pytest.param("1,a;b\nid;2,c|d\n3,e\n", ",", id="not every record fits"),
        pytest.param("id,department\n1,a;b\n", ",", id="header decides"),
        pytest.param("1|2|3\n4|5|6\n", "|", id="nothing fits, only one occurs"),
        pytest.param('1,"a\n', ",", id="nothing can be read, only one occurs"),
        pytest.param('1,"two\nlines"\n2,b;c\n', ",", id="record of two lines"),
        pytest.param('9,"open\n1;a\n2;b\n', ";", id="first record malformed"),
        pytest.param("\n   \n1;a\n", ";", id="blank lines first"),
        pytest.param(";\n", ";", id="empty cells"),
        pytest.param("", ",", id="no record at all"),
        pytest.param(" \n\r\n", ",", id="only blank lines"),
    ],
)
def test_the_delimiter_that_fits_best_is_found(text: str, delimiter: str) -> None:
    assert dialect_of(text, fields=DEPARTMENT).delimiter == delimiter


@pytest.mark.parametrize(
    "text, fields",
    [
        pytest.param("1,a;b\n", DEPARTMENT, id="two fit the only record"),
        pytest.param("1,a\n2;b\n", DEPARTMENT, id="two fit equally often"),
        pytest.param("1,a;b\n", EMPLOYEE, id="none fits, two occur"),
        pytest.param("hello\nworld\n", EMPLOYEE, id="none occurs"),
        pytest.param("1:a\n", DEPARTMENT, id="another delimiter"),
    ],
)
@pytest.mark.parametrize("header", ["auto", "absent"])
def test_an_undecidable_delimiter_is_asked_for(
    text: str, fields: tuple[str, ...], header: HeaderOption
) -> None:
    problem = refusal(text, fields=fields, header=header)

    assert problem.code is ProblemCode.INVALID_PARAMETER
    assert problem.detail == (
        "It cannot be told which delimiter the file is written with. Name it: comma, semicolon, "
        "tab or pipe, as `?delimiter=…` in the address or `--delimiter …` on the command line."
    )


@pytest.mark.parametrize(
    "given, delimiter",
    [
        (",", ","),
        (";", ";"),
        ("\t", "\t"),
        ("|", "|"),
        ("comma", ","),
        ("Semicolon", ";"),
        ("TAB", "\t"),
        ("\\t", "\t"),
        ("pipe", "|"),
    ],
)
def test_a_given_delimiter_is_taken_by_sign_or_name(given: str, delimiter: str) -> None:
    assert dialect_of("1:a\n", fields=JOB, delimiter=given) == Dialect(delimiter, JOB, 0)


@pytest.mark.parametrize("given", ["", ":", ",,", "auto", " ", "\n", '"', "x" * 1000, "\ud800"])
def test_another_delimiter_is_an_invalid_parameter(given: str) -> None:
    problem = refusal("1,a\n", fields=JOB, delimiter=given)

    assert problem.code is ProblemCode.INVALID_PARAMETER
    assert problem.detail.startswith(f"{given[:20]!r} is not a delimiter that can be read. ")


@pytest.mark.parametrize(
    "text, expected",
    [
        pytest.param("sep=;\n1;a,b\n", Dialect(";", JOB, 1), id="lf"),
        pytest.param("sep=|\r\nid|job\r\n1|a\r\n", Dialect("|", JOB, 2), id="crlf and header"),
        pytest.param("SEP=\t\r1,a\r", Dialect("\t", JOB, 1), id="tab, upper case, cr"),
        pytest.param('"sep=;"\n\nid;job\n', Dialect(";", JOB, 3), id="quoted, blank line after"),
        pytest.param("sep=,", Dialect(",", JOB, 1), id="nothing after it"),
        pytest.param("\nsep=;\n1;a\n", Dialect(";", JOB, 0), id="data when not the first line"),
    ],
)
def test_a_sep_line_of_excel_gives_the_delimiter_and_is_no_row(
    text: str, expected: Dialect
) -> None:
    assert dialect_of(text, fields=JOB) == expected


def test_a_given_delimiter_wins_over_a_sep_line() -> None:
    assert dialect_of("sep=;\n1|a\n", fields=JOB, delimiter="|") == Dialect("|", JOB, 1)
    assert dialect_of("sep=:\n1|a\n", fields=JOB, delimiter="|") == Dialect("|", JOB, 1)


def test_a_sep_line_with_another_delimiter_is_refused() -> None:
    assert refusal("sep=:\n1:a\n", fields=JOB).code is ProblemCode.INVALID_PARAMETER


@pytest.mark.parametrize(
    "header, fields, columns",
    [
        pytest.param("department,id", DEPARTMENT, ("department", "id"), id="other order"),
        pytest.param("ID,DEPARTMENT", DEPARTMENT, DEPARTMENT, id="upper case"),
        pytest.param("department_id,department_name", DEPARTMENT, DEPARTMENT, id="aliases"),
        pytest.param("Department ID,Department", DEPARTMENT, DEPARTMENT, id="department's own id"),
        pytest.param("job_id,job_name", JOB, JOB, id="job aliases"),
        pytest.param("id, job", JOB, JOB, id="space after the comma"),
        pytest.param('"id", "job"', JOB, JOB, id="space before a quote"),
        pytest.param(
            "employee_id,employee_name,hire_date,DEPARTMENT-ID, job id ",
            EMPLOYEE,
            EMPLOYEE,
            id="employee aliases",
        ),
        pytest.param("id,name,Hired At,departmentid,JobId", EMPLOYEE, EMPLOYEE, id="hired at"),
        pytest.param(
            "_rejected_row,_line,id,job, _Codes ,_MESSAGES",
            JOB,
            ("_rejected_row", "_line", "id", "job", "_codes", "_messages"),
            id="columns of the rejected rows",
        ),
    ],
)
@pytest.mark.parametrize("option", ["auto", "present"])
def test_a_header_may_be_written_in_many_ways(
    header: str, fields: tuple[str, ...], columns: tuple[str, ...], option: HeaderOption
) -> None:
    found = dialect_of(f"{header}\n1,2\n", fields=fields, header=option)

    assert found == Dialect(",", columns, 1)


@pytest.mark.parametrize(
    "header, found",
    [
        pytest.param(
            "id,name,datetime,department_id,salary",
            "unknown: 'salary'; missing: job_id.",
            id="unknown",
        ),
        pytest.param("id,name,datetime,department_id", "missing: job_id.", id="missing"),
        pytest.param(
            "id,name,datetime,department_id,job_id,JOB ID", "more than once: job_id.", id="doubled"
        ),
        pytest.param(
            "id,employee_id,name,datetime,department_id",
            "more than once: id; missing: job_id.",
            id="doubled by an alias",
        ),
        pytest.param(
            "id,name,datetime,,department_id,job_id,", "empty: column 4, column 7.", id="empty"
        ),
        pytest.param(
            "id,department_name,datetime,department_id,job_id",
            "unknown: 'department_name'; missing: name.",
            id="alias of another table",
        ),
        pytest.param(
            f"id,name,datetime,department_id,job_id,{'x' * 50},\x1b[31m",
            f"unknown: '{'x' * 40}…', '\\x1b[31m'.",
            id="unknown names are shortened and escaped",
        ),
        pytest.param(
            "id,name,datetime,department_id,job_id,a,b,c,d,e,f,g,h,i,j,k,l",
            "unknown: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j' and 2 more.",
            id="many unknown names",
        ),
        pytest.param("id", "missing: name, datetime, department_id, job_id.", id="one cell"),
        pytest.param("_line,_codes", f"missing: {', '.join(EMPLOYEE)}.", id="only notes"),
    ],
)
@pytest.mark.parametrize("option", ["auto", "present"])
def test_a_bad_header_is_refused_with_what_is_wrong_and_what_is_expected(
    header: str, found: str, option: HeaderOption
) -> None:
    problem = refusal(f"\n{header}\n1,Ann,2021,2,3\n", fields=EMPLOYEE, header=option)

    assert problem.code is ProblemCode.BAD_HEADER
    assert problem.detail == (
        f"The header in line 2 does not name every field once. {found} {EXPECTED_EMPLOYEE}"
    )


def test_a_header_of_one_cell_is_bad_though_no_delimiter_occurs() -> None:
    assert refusal("id\n1\n2\n", fields=JOB).code is ProblemCode.BAD_HEADER


def test_a_bad_header_is_seen_when_another_delimiter_fits_a_row() -> None:
    problem = refusal("id,department,note\n1,a,b;c\n", fields=DEPARTMENT)

    assert problem.code is ProblemCode.BAD_HEADER


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("1,Department", id="a number beside a field's name"),
        pytest.param("5.0,job", id="a number with a point"),
        pytest.param("NULL,Cook", id="names nothing"),
        pytest.param('"id,job', id="malformed"),
        pytest.param("x" * 300_000 + ",job", id="too long"),
    ],
)
def test_a_first_record_that_is_no_header_is_data(first: str) -> None:
    assert dialect_of(f"{first}\n1,a\n", fields=JOB) == Dialect(",", JOB, 0)


@pytest.mark.parametrize("text", ["1,a\n2,b\n", '"id,job\n', "", "\n\n", "sep=,\n"])
def test_a_header_that_must_be_there_is_missed(text: str) -> None:
    problem = refusal(text, fields=JOB, header="present")

    assert problem.code is ProblemCode.BAD_HEADER


def test_a_header_cell_may_be_wrapped_over_lines() -> None:
    text = '\n"Department\n\nID","Department\r\nName"\n1,a\n'

    assert dialect_of(text, fields=DEPARTMENT) == Dialect(",", DEPARTMENT, 5)


def test_a_header_that_must_not_be_there_is_data() -> None:
    assert dialect_of("id,job\n1,a\n", fields=JOB, header="absent") == Dialect(",", JOB, 0)


def test_the_sample_is_bounded_but_skips_any_number_of_blank_lines() -> None:
    lines = ["\n"] * 5000 + ["1,a\n"] * 5000

    sample = take_sample(lines)

    assert sample[0].number == 5001
    assert len(sample) == 200
