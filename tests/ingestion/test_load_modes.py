"""Atomic loads and dry runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi import sample_data
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from tests.factories import employee_row
from tests.ingestion.loaded import moment_of, stored
from tests.ingestion.loading import batches, csv_file, load, rejections
from tests.ingestion.sending import stored_employees
from tests.installation import Finished

pytestmark = pytest.mark.django_db


def everything_stored() -> tuple[Any, ...]:
    tables = (Department, Job, Employee, Batch, RejectedRow)
    return tuple(list(table.objects.order_by("id").values()) for table in tables)


@pytest.mark.usefixtures("company")
def test_one_bad_row_in_the_third_chunk_of_an_atomic_load_leaves_nothing_but_the_reject_log(
    tmp_path: Path,
) -> None:
    rows = list(sample_data.employee_rows(2_500))
    for row in (rows[6], employee_row(id=9_000, name="Not of this file")):
        Employee.objects.create(**row | {"datetime": moment_of(row)})
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
