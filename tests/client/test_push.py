"""`push` of a file ends as `load` of the same file does."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from hrapi import sample_data
from tests.client.serving import Served

HEADER = "id,name,datetime,department_id,job_id"
WHEN = "2021-11-07T02:48:42Z"
LONG = "x" * 300_000


def people(count: int) -> list[list[Any]]:
    """Employees as cells: some bad in several ways, some sent twice, some with the id of an earlier one."""
    rows = [list(row.values()) for row in sample_data.employee_rows(count)]
    for index in range(7, count, 50):
        rows[index][3] = 99
    for index in range(11, count, 90):
        rows[index][1:3] = ["", "yesterday"]
    for index in range(700, count, 400):
        rows[index] = [rows[index - 690][0], "Somebody Else", *rows[index - 690][2:]]
        rows[index + 1] = list(rows[index - 690])
    return rows


def csv_text(rows: list[list[Any]], **options: Any) -> str:
    text = io.StringIO()
    csv.writer(text, **{"lineterminator": "\n"} | options).writerows(rows)
    return text.getvalue()


def json_lines(rows: list[list[Any]]) -> str:
    return "".join(
        json.dumps(dict(zip(HEADER.split(","), row, strict=True))) + "\n" for row in rows
    )


NASTY_CSV = "\n".join(
    [
        HEADER,
        f"1,Ada,{WHEN},1,1",
        "",
        f'2,"O""Brien, Zoë",{WHEN},1,1',
        f'3,"two\nlines",{WHEN},1,1',
        f'4,"never closed,{WHEN},1,1',
        f"5,=SUM(A1),{WHEN},99,1",
        f"6,'=SUM(A1),{WHEN},1,1",
        "7,too,few",
        f"8,a,b,c,{WHEN},1,1,too many",
        f'9,"abc"def,{WHEN},1,1',
        f"10,{LONG},{WHEN},1,1",
        f"11,{'y' * 20_000},{WHEN},1,1",
        f"1,Somebody Else,{WHEN},1,1",
        f"1,Ada,{WHEN},1,1",
        f"<html>,Ada,{WHEN},1,1",
        f"\ufeff12,Ada,{WHEN},1,1",
        f"13,Last,{WHEN},1,1",
    ]
)
NASTY_LINES = "\n".join(
    [
        json.dumps({"id": 1, "name": "Zoë", "datetime": WHEN, "department_id": 1, "job_id": 1}),
        "",
        "no JSON",
        "<html>",
        '{"id": 2, "id": 3}',
        '{"id": 1e400, "name": "\\u0000", "datetime": 7, "department_id": "1", "job_id": [1]}',
        '\ufeff{"id": 4}',
        "[" * 100,
        "null",
        '{"id": 5, "name": "' + "z" * 1_100_000 + '"}',
        '{"id": 6, "surplus": true, "name": "\\ud800"}',
        json.dumps({"id": 7, "name": "=1", "datetime": WHEN, "department_id": 99, "job_id": 1}),
    ]
)

FILES = {
    "history.csv": (csv_text(people(2500)), []),
    "with a header.csv": (f"{HEADER}\n{csv_text(people(1200))}", []),
    "semicolons, crlf.csv": (csv_text(people(1200), delimiter=";", lineterminator="\r\n"), []),
    "cr, tab, bom.csv": ("\ufeff" + csv_text(people(300), delimiter="\t", lineterminator="\r"), []),
    "sep.csv": (f"sep=|\n{HEADER.replace(',', '|')}\n{csv_text(people(50), delimiter='|')}", []),
    "other order.csv": (
        f"Job ID, hire_date,employee_id,NAME,department-id\n1,{WHEN},1,Ada,1\n99,{WHEN},2,Zoë,1\n",
        [],
    ),
    "nasty.csv": (NASTY_CSV, ["--delimiter=,"]),
    "absent.csv": (csv_text(people(20)), ["--header=absent", "--delimiter=,"]),
    "lines.jsonl": (json_lines(people(1200)), []),
    "nasty.ndjson": (NASTY_LINES, []),
    "told.txt": (json_lines(people(5)), ["--format=jsonl"]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_push_ends_as_a_load_does(filled: Served, tmp_path: Path, name: str) -> None:
    text, options = FILES[name]
    path = tmp_path / name
    path.write_bytes(text.encode())

    loaded = filled.installed.manage("load", "employees", str(path), *options)
    expected = filled.stored()
    with filled.installed.connection() as cursor:
        cursor.execute("TRUNCATE employees, rejected_rows, batches")
    pushed = filled.run("push", "employees", path, *options, home=tmp_path)

    assert filled.stored() == expected
    assert expected["employees"]
    assert pushed.code == loaded.code, pushed.errors
    assert pushed.output.partition(" (")[0] == loaded.output.partition(" (")[0]
    told = [line for line in loaded.errors.splitlines() if line.startswith("line ")]
    again = [line.replace("already_exists", "duplicate_in_batch") for line in told]
    found = [line for line in pushed.errors.splitlines() if line.startswith("line ")]
    assert [line.replace("already_exists", "duplicate_in_batch") for line in found] == again


def test_another_encoding_is_read_as_load_reads_it(filled: Served, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(f"1,José,{WHEN},1,1\n2,Zoë,{WHEN},99,1\n".encode("cp1252"))

    refused = filled.run("push", "employees", path, home=tmp_path)
    taken = filled.run("push", "employees", path, "--encoding=cp1252", home=tmp_path)

    assert refused.code == 1
    assert "the byte 0xE9 at offset 5, in line 1" in refused.errors
    assert (taken.code, filled.installed.query("SELECT name FROM employees")) == (3, [("José",)])
