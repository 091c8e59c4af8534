"""A file of the folder is loaded once, and moved away with what became of it beside it."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.undoing import undo_batch
from hrapi.loads.models import Load
from tests.drops.dropping import DEPARTMENTS, EMPLOYEES, JOBS, Folder, loads
from tests.embedded_postgres.harness import wait_until
from tests.ingestion.loading import load
from tests.loads.sending import work_off

DEPARTMENT_LINES = b'{"id": 1, "department": "Sales"}\n{"id": 2, "department": "Law"}\n'


def test_the_files_of_a_day_in_the_order_of_references(folder: Folder) -> None:
    """Whatever the order of their names, and of those in which they came."""
    folder.drop("20240131_employees.csv", EMPLOYEES)
    folder.drop("20240131_jobs.csv", JOBS)
    folder.drop("20240131_departments.jsonl.gz", DEPARTMENT_LINES)

    finished = folder.take()

    first, second, third = Load.objects.order_by("id").values_list("pk", flat=True)
    assert finished.code == 3
    assert finished.output.splitlines() == [
        "20240131_departments.jsonl.gz: 2 received: 2 inserted, 0 unchanged, 0 rejected"
        f" (load {first}).",
        f"20240131_jobs.csv: 1 received: 1 inserted, 0 unchanged, 0 rejected (load {second}).",
        f"20240131_employees.csv: 3 received: 2 inserted, 0 unchanged, 1 rejected (load {third}).",
        "3 to done/, 0 to failed/.",
    ]
    assert finished.errors == (
        "CommandError: Some rows of 1 file were rejected: the results in done/ say which.\n"
    )
    assert folder.lying() == folder.names("failed") == []
    assert folder.names("done") == [
        "20240131_departments.jsonl.gz", "20240131_employees.csv", "20240131_jobs.csv",
    ]  # fmt: skip
    assert loads()[0] == (
        "departments", "2024-01-31", "20240131_departments.jsonl.gz", "finished",
    )  # fmt: skip
    assert Employee.objects.count() == 2


def test_days_in_their_order(folder: Folder) -> None:
    """Of two contents for one id, that of the earlier day is stored."""
    folder.drop("20240202_departments.csv", b"1,Later\n")
    folder.drop("20231231_departments.csv", b"1,Earliest\n")
    folder.drop("20240201_departments.csv", b"1,Between\n")

    folder.take()

    assert [day for _, day, *_ in loads()] == ["2023-12-31", "2024-02-01", "2024-02-02"]
    assert Department.objects.get().department == "Earliest"


def test_the_result_says_what_load_says_in_json_and_which_load_it_was(folder: Folder) -> None:
    folder.drop("20240131_departments.csv", b"id,department\n1,Sales\n2,\n")

    folder.take()

    result = folder.result("20240131_departments.csv")
    sent = Load.objects.get()
    assert result.pop("rejected_rows_file") == f"/api/v1/loads/{sent.pk}/rejected-rows.csv"
    assert {
        name: result.pop(name) for name in ("file", "date", "sha256", "load", "loaded_from")
    } == {
        "file": "20240131_departments.csv",
        "date": "2024-01-31",
        "sha256": sent.sha256,
        "load": sent.pk,
        "loaded_from": None,
    }
    assert result.pop("error") is None
    [entry] = RejectedRow.objects.all()
    assert result == {
        "batch": sent.batch_id,
        "table": "departments",
        "mode": "partial",
        "dry_run": False,
        "received": 2,
        "inserted": 1,
        "unchanged": 0,
        "rejected": 1,
        "not_attempted": 0,
        "rejected_rows": [
            {"index": 1, "line": 3, "id": 2, "rejected_row": entry.pk, "errors": entry.errors}
        ],
    }


def test_the_result_has_the_keys_of_load(folder: Folder, tmp_path: Any) -> None:
    path = tmp_path / "departments.csv"
    path.write_bytes(DEPARTMENTS)
    answer = json.loads(load("departments", path, "--json").output)
    folder.drop("20240131_departments.csv", DEPARTMENTS)

    folder.take()

    keys = list(folder.result("20240131_departments.csv"))
    assert keys[keys.index("batch") : -1] == list(answer)


def test_results_are_for_their_owner_alone(folder: Folder) -> None:
    folder.drop("20240131_departments.csv", DEPARTMENTS)

    folder.take()

    done = folder.path / "done"
    assert stat.S_IMODE(done.stat().st_mode) == 0o700
    assert stat.S_IMODE((done / "20240131_departments.csv.result.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["20240201_departments.csv", "20240131_departments.csv.gz"])
def test_the_same_content_under_another_name_is_not_loaded_again(folder: Folder, name: str) -> None:
    folder.drop("20240131_departments.csv", DEPARTMENTS)
    folder.take()
    folder.drop(name, DEPARTMENTS)

    finished = folder.take()

    [known] = Load.objects.all()
    assert finished.code == 0
    assert finished.output == (
        f"{name}: load {known.pk} has taken the same content already.\n1 to done/, 0 to failed/.\n"
    )
    result = folder.result(name)
    assert (result["load"], result["received"]) == (known.pk, 2)
    assert result["loaded_from"] == {"file": "20240131_departments.csv", "date": "2024-01-31"}
    assert Batch.objects.count() == 1


def test_a_file_that_comes_again_is_not_loaded_again(folder: Folder) -> None:
    """Under its own name, too: what was rejected then is not told as if it had been rejected now."""
    for _ in range(2):
        folder.drop("20240131_departments.csv", b"id,department\n1,Sales\n2,\n")
        finished = folder.take()

    [known] = Load.objects.all()
    assert (finished.code, finished.errors) == (0, "")
    assert finished.output == (
        f"20240131_departments.csv: load {known.pk} has taken the same content already.\n"
        "1 to done/, 0 to failed/.\n"
    )
    first, again = (
        folder.result(f"20240131_departments.csv{ending}")["loaded_from"] for ending in ("", ".1")
    )
    assert first is None
    assert again == {"file": "20240131_departments.csv", "date": "2024-01-31"}


def test_the_same_content_for_another_table_is_another_file(folder: Folder) -> None:
    folder.drop("20240131_departments.csv", b"1,Cook\n")
    folder.drop("20240131_jobs.csv", b"1,Cook\n")

    assert folder.take().code == 0

    assert [table for table, *_ in loads()] == ["departments", "jobs"]


def test_what_the_api_has_loaded_is_known_and_the_other_way_round(folder: Folder, api: Any) -> None:
    def send(content: bytes) -> Any:
        body = {"table": "departments", "file": SimpleUploadedFile("departments.csv", content)}
        return api.post("/api/v1/loads/", body, format="multipart")

    sent = send(DEPARTMENTS).json()["id"]
    folder.drop("20240131_departments.csv", DEPARTMENTS)
    waiting = folder.take()
    assert (waiting.code, waiting.output) == (0, "")
    assert f"load {sent} has the same content, and has not ended." in waiting.errors
    assert folder.lying() == ["20240131_departments.csv"]

    work_off()
    assert folder.take().code == 0
    assert folder.result("20240131_departments.csv")["loaded_from"] == {
        "file": "departments.csv",
        "date": None,
    }

    folder.drop("20240131_departments.csv", b"9,Logistics\n")
    folder.take()
    again = send(b"9,Logistics\n")
    assert (again.status_code, again.json()["date"]) == (200, "2024-01-31")


def test_a_load_that_failed_or_was_undone_is_no_answer(folder: Folder, api: Any) -> None:
    folder.drop("20240131_departments.csv", b"id,colour\n1,red\n")
    assert folder.take().code == 1
    folder.drop("20240131_departments.csv", b"id,colour\n1,red\n")
    assert folder.take().code == 1
    assert folder.names("failed") == ["20240131_departments.csv", "20240131_departments.csv.1"]

    folder.drop("20240201_departments.csv", DEPARTMENTS)
    folder.take()
    undone = Load.objects.latest("id")
    undo_batch(undone.batch_id or 0, api.handler._force_user, dry_run=False)
    folder.drop("20240202_departments.csv", DEPARTMENTS)
    folder.take()

    assert folder.result("20240202_departments.csv")["inserted"] == 2
    assert [state for *_, state in loads()] == ["failed", "failed", "finished", "finished"]


def test_a_file_that_cannot_be_read_goes_to_failed_and_the_others_are_taken(folder: Folder) -> None:
    folder.drop("20240130_departments.csv", b"")
    folder.drop("20240131_departments.csv", b"1,Caf\xe9\n")
    folder.drop("20240201_departments.csv", DEPARTMENTS)

    finished = folder.take()

    assert finished.code == 1
    assert "20240130_departments.csv: There are no rows. (load" in finished.output
    assert finished.output.endswith("1 to done/, 2 to failed/.\n")
    assert finished.errors == "CommandError: 2 files failed: the results in failed/ say why.\n"
    assert folder.result("20240130_departments.csv", "failed")["error"]["code"] == "empty_batch"
    assert folder.result("20240131_departments.csv", "failed")["error"]["code"] == "undecodable"
    assert [state for *_, state in loads()] == ["failed", "failed", "finished"]


def test_nothing_that_lies_there_is_ever_replaced(folder: Folder) -> None:
    for content in (b"1,Sales\n", b"2,Law\n", b"3,Art\n"):
        folder.drop("20240131_departments.csv", content)
        assert folder.take().code == 0

    done = folder.path / "done"
    names = [f"20240131_departments.csv{ending}" for ending in ("", ".1", ".2")]
    assert [(done / name).read_bytes() for name in names] == [b"1,Sales\n", b"2,Law\n", b"3,Art\n"]
    assert len({folder.result(name)["load"] for name in names}) == 3
    assert all(load.created_at == load.started_at for load in Load.objects.all())
    # Somebody has cleared up, but for the results.
    (done / names[0]).unlink()
    folder.drop(names[0], b"4,Music\n")
    folder.take()
    assert folder.names("done") == [*names[1:], f"{names[0]}.3"]


def test_a_second_run_ends_at_once_and_does_nothing(folder: Folder) -> None:
    folder.drop("20240131_departments.csv", DEPARTMENTS)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [0x64726F7073])
    try:
        finished = folder.take()
    finally:
        other.close()

    assert (finished.code, finished.output) == (0, "")
    assert finished.errors == "Another run of take_drops is at work; this one does nothing.\n"
    assert folder.lying() == ["20240131_departments.csv"]
    # The server notices in its own time that the other one has gone.
    wait_until(lambda: bool(folder.take().output))
    assert folder.lying() == []


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(folder: Folder) -> None:
    folder.drop("20240130_departments.csv", DEPARTMENTS)
    folder.take()
    known = Load.objects.get()
    folder.drop("20240131_departments.csv", DEPARTMENTS)
    folder.drop("20240131_jobs.csv", JOBS)
    folder.drop("20240201_jobs.csv.gz", JOBS)
    folder.drop("notes.txt", b"")

    finished = folder.take("--dry-run")

    assert finished.code == 1
    assert finished.output.splitlines() == [
        "notes.txt: would fail: The name is not like 20240131_TABLE.csv or 20240131_TABLE.jsonl, with .gz or"
        " without.",
        f"20240131_departments.csv: would not be loaded: load {known.pk} has taken the same content.",
        "20240131_jobs.csv: would be loaded into jobs: 14 bytes.",
        "20240201_jobs.csv.gz: would not be loaded: a file before it has the same content.",
    ]
    assert finished.errors == "CommandError: 1 file would fail.\n"
    assert len(folder.lying()) == 4
    assert Load.objects.count() == 1


def test_employees_that_come_before_their_departments_end_as_in_the_right_order(
    folder: Folder,
) -> None:
    folder.drop("20240131_employees.csv", EMPLOYEES)
    assert folder.take().code == 3
    folder.drop("20240131_jobs.csv", JOBS)
    assert folder.take().code == 0
    folder.drop("20240131_departments.csv", DEPARTMENTS)

    finished = folder.take()

    assert "2 rows that had waited for them were taken in." in finished.output
    assert folder.result("20240131_departments.csv")["replayed"] == 2
    assert sorted(Employee.objects.values_list("id", flat=True)) == [1, 2]
    open_ = RejectedRow.objects.filter(status="open").values_list("row_id", "codes")
    assert list(open_) == [(3, ["required"])]
    # The file again, under any name, changes nothing.
    folder.drop("20240201_employees.csv", EMPLOYEES)
    assert folder.take().code == 0
