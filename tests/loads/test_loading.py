"""What becomes of a file that was sent: the same as `load` on the command line does."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from typing import Any

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load, LoadPart
from jobs.models import Job
from tests.factories import DepartmentFactory, employee_row
from tests.loads.sending import DEPARTMENTS, LOADS, counts, kept, loaded, read, send_file, work_off
from tests.problem_bodies import assert_problem, text_of


def departments() -> list[tuple[int, str]]:
    return list(Department.objects.order_by("id").values_list("id", "department"))


def test_a_file_waits_until_a_worker_has_loaded_it(api: Any) -> None:
    sent = send_file(api)

    waiting = sent.json()
    assert sent.status_code == 202
    assert sent["Location"] == f"http://testserver{LOADS}{waiting['id']}/"
    assert waiting | {"id": 0, "created_at": ""} == {
        "id": 0,
        "table": "departments",
        "date": None,
        "file_name": "departments.csv",
        "bytes": 31,
        "sha256": hashlib.sha256(DEPARTMENTS).hexdigest(),
        "format": "csv",
        "delimiter": None,
        "encoding": "utf-8",
        "header": "auto",
        "mode": "partial",
        "dry_run": False,
        "state": "waiting",
        "progress": 0,
        "bytes_read": 0,
        "batch": None,
        "received": 0,
        "inserted": 0,
        "unchanged": 0,
        "rejected": 0,
        "not_attempted": 0,
        "replayed": 0,
        "error_code": None,
        "error_detail": None,
        "user": "administrators-user",
        "created_at": "",
        "started_at": None,
        "finished_at": None,
        "rejected_rows_log": None,
        "rejected_rows_file": None,
        "rejected_rows": [],
    }
    assert departments() == []
    assert kept() == (1, 1)

    work_off()

    [batch] = Batch.objects.all()
    [entry] = RejectedRow.objects.all()
    finished = read(api, waiting["id"])
    times = {"started_at": finished["started_at"], "finished_at": finished["finished_at"]}
    assert all(times.values())
    assert finished == waiting | times | {
        "state": "finished",
        "progress": 100,
        "bytes_read": 31,
        "batch": batch.pk,
        "received": 3,
        "inserted": 2,
        "rejected": 1,
        "rejected_rows_log": f"http://testserver/api/v1/rejected-rows/?batch={batch.pk}",
        "rejected_rows_file": f"http://testserver{LOADS}{waiting['id']}/rejected-rows.csv",
        "rejected_rows": [
            {
                "index": 2,
                "line": 4,
                "id": 3,
                "rejected_row": entry.pk,
                "errors": entry.errors,
            }
        ],
    }
    assert departments() == [(1, "Sales"), (2, "Law")]
    assert (batch.source, batch.file_name, batch.user) == (
        "api",
        "departments.csv",
        Load.objects.get().user,
    )
    assert batch.finished_at is not None
    assert kept() == (1, 0)
    assert text_of(api.get(finished["rejected_rows_file"])).splitlines()[1].startswith("3,,")


def test_a_file_of_several_chunks_and_parts_lands_whole(
    api: Any, references: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hrapi.loads.services.PART_BYTES", 10_000)
    rows = [employee_row() for _ in range(2_500)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()

    sent = send_file(api, content, name="people.jsonl", table="employees")
    parts = LoadPart.objects.count()
    work_off()

    assert parts > 20
    load = read(api, sent.json()["id"])
    assert (load["format"], load["state"], counts(load)) == (
        "jsonl",
        "finished",
        [2500, 2500, 0, 0, 0],
    )
    assert list(Employee.objects.order_by("id").values_list("id", flat=True)) == [
        row["id"] for row in rows
    ]


@pytest.mark.parametrize(
    "content, options, stored",
    [
        pytest.param(
            "id;department\n1;Säle\n".encode("cp1252"), {"encoding": "cp1252"}, "Säle", id="cp1252"
        ),
        pytest.param(b"1|Sales\n", {"delimiter": "pipe"}, "Sales", id="a delimiter by name"),
        pytest.param(b"1\tSales\n", {"delimiter": "\t"}, "Sales", id="a delimiter"),
        pytest.param(b"1,Sales\n", {"header": "absent"}, "Sales", id="no header"),
        pytest.param(
            b'{"id": 1, "department": "Sales"}\n', {"format": "jsonl"}, "Sales", id="JSON Lines"
        ),
        pytest.param(
            b"1,Sales\n", {"format": "", "delimiter": "", "header": "", "encoding": ""}, "Sales",
            id="empty fields, as of a page",
        ),
    ],
)  # fmt: skip
def test_the_file_is_read_as_its_sender_says(
    api: Any, content: bytes, options: dict[str, str], stored: str
) -> None:
    load = loaded(api, content, **options)

    assert (load["state"], counts(load)) == ("finished", [1, 1, 0, 0, 0])
    assert departments() == [(1, stored)]


def test_all_or_nothing(api: Any) -> None:
    undone = loaded(api, mode="atomic")

    assert (undone["state"], undone["mode"], counts(undone)) == (
        "finished",
        "atomic",
        [3, 0, 0, 1, 2],
    )
    assert departments() == []
    assert undone["rejected_rows"][0]["rejected_row"] == RejectedRow.objects.get().pk

    done = loaded(api, b"1,Sales\n2,Law\n", mode="atomic")

    assert counts(done) == [2, 2, 0, 0, 0]
    assert done["batch"] == Batch.objects.latest("id").pk
    assert departments() == [(1, "Sales"), (2, "Law")]


def test_a_dry_run_keeps_nothing_but_its_answer(api: Any) -> None:
    load = loaded(api, dry_run="true")

    assert (load["state"], load["batch"], counts(load)) == ("finished", None, [3, 2, 0, 1, 0])
    assert load["rejected_rows"] == [
        {
            "index": 2,
            "line": 4,
            "id": 3,
            "rejected_row": None,
            "errors": [
                {
                    "field": "department",
                    "code": "required",
                    "message": "This field is required.",
                    "value": "",
                }
            ],
        }
    ]
    assert (load["rejected_rows_log"], load["rejected_rows_file"]) == (None, None)
    assert departments() == []
    assert not Batch.objects.exists()
    assert not RejectedRow.objects.exists()
    assert kept() == (1, 0)


def test_of_many_rejected_rows_the_first_hundred_are_shown(api: Any) -> None:
    content = b"".join(b"%d,\n" % number for number in range(1, 151))

    for options in ({}, {"dry_run": "true"}):
        load = loaded(api, content, **options)

        assert load["rejected"] == 150
        assert [row["line"] for row in load["rejected_rows"]] == [*range(1, 101)]


def test_rows_that_waited_for_what_a_load_brings_are_counted(api: Any) -> None:
    Job.objects.create(id=1, job="Cook")
    api.post("/api/v1/employees/", [employee_row(id=5), employee_row(id=6)], format="json")
    assert not Employee.objects.exists()

    for mode, ids in (("partial", [5, 6]), ("atomic", [])):
        load = loaded(api, b"1,Sales\n", mode=mode, force="true")
        assert load["replayed"] == len(ids)

    assert list(Employee.objects.order_by("id").values_list("id", flat=True)) == [5, 6]


@pytest.mark.parametrize(
    "content, options, code, said",
    [
        pytest.param(b"", {}, "empty_batch", "There are no rows.", id="empty"),
        pytest.param(b"id,department\n", {}, "empty_batch", "There are no rows.", id="a header"),
        pytest.param(b"id,colour\n1,red\n", {"header": "present"}, "bad_header", "colour", id="header"),
        pytest.param(b"1,Caf\xe9\n", {}, "undecodable", "cp1252", id="encoding"),
        pytest.param(gzip.compress(b"1,A\n"), {}, "undecodable", "a gzip file", id="gzip"),
        pytest.param(b"PK\x03\x04xl/", {}, "undecodable", "Excel workbook", id="a workbook"),
        pytest.param(b"1,A\x00\n", {}, "undecodable", "NUL", id="NUL"),
        pytest.param(b"a b\nc d\n", {}, "invalid_parameter", "delimiter", id="no delimiter"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_a_failed_load_and_a_refused_batch(
    api: Any, content: bytes, options: dict[str, str], code: str, said: str
) -> None:
    load = loaded(api, content, **options)

    [batch] = Batch.objects.all()
    assert (load["state"], load["error_code"], load["batch"]) == ("failed", code, batch.pk)
    assert said in load["error_detail"]
    assert load["finished_at"]
    assert counts(load) == [0, 0, 0, 0, 0]
    assert (batch.refused_code, batch.refused_detail) == (code, load["error_detail"])
    assert (batch.file_name, batch.source) == ("departments.csv", "api")
    assert not Department.objects.exists()
    assert kept() == (1, 0)


def test_a_dry_run_of_a_file_that_cannot_be_read_leaves_no_batch(api: Any) -> None:
    load = loaded(api, b"", dry_run="true")

    assert (load["state"], load["error_code"], load["batch"]) == ("failed", "empty_batch", None)
    assert not Batch.objects.exists()


def test_a_fault_of_ours_fails_the_load_and_is_logged_without_names(
    api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    content = "1,Canary Müller\n".encode()
    with connection.cursor() as cursor:
        # The error of the database quotes the row.
        cursor.execute(
            "ALTER TABLE departments ADD CONSTRAINT canary CHECK (department NOT LIKE 'Canary%')"
        )
        try:
            with caplog.at_level(logging.INFO):
                load = loaded(api, content)
        finally:
            cursor.execute("ALTER TABLE departments DROP CONSTRAINT canary")

    assert (load["state"], load["error_code"]) == ("failed", "internal_error")
    assert load["error_detail"] == "Something is wrong on our side. It has been logged."
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith(f"Load {load['id']} failed: IntegrityError\n")
    assert "Canary" not in caplog.text
    assert kept() == (1, 0)
    [result] = DBTaskResult.objects.all()
    assert (result.status, result.return_value, result.traceback) == ("SUCCESSFUL", "done", "")


def test_a_load_whose_user_is_gone_is_loaded(api: Any) -> None:
    sent = send_file(api).json()["id"]
    user = Load.objects.get().user
    assert user
    Load.objects.update(user=None)

    work_off()

    load = read(api, sent)
    assert (load["state"], load["user"]) == ("finished", None)
    assert Batch.objects.get().user is None


def test_loads_are_listed_and_filtered(api: Any) -> None:
    finished = loaded(api)["id"]
    failed = loaded(api, b"", table="jobs")["id"]
    waiting = send_file(api, b"1,Cook\n", table="jobs").json()["id"]

    def ids(query: str) -> list[int]:
        return [load["id"] for load in api.get(f"{LOADS}{query}").json()["results"]]

    assert ids("") == [finished, failed, waiting]
    assert ids("?table=jobs") == [failed, waiting]
    assert ids("?table=jobs&state=waiting") == [waiting]
    assert ids("?state=failed") == [failed]
    assert ids("?state=running") == []
    [shown] = api.get(f"{LOADS}?state=finished").json()["results"]
    assert counts(shown) == [3, 2, 0, 1, 0]
    assert "rejected_rows" not in shown
    for query in ("?state=lost", "?table=cats", "?colour=red"):
        assert_problem(api.get(f"{LOADS}{query}"), 400, "invalid_parameter")
    assert_problem(api.get(f"{LOADS}{waiting + 1}/"), 404, "not_found")


def test_the_list_as_csv(api: Any) -> None:
    load = loaded(api)

    header, line = text_of(api.get(f"{LOADS}?format=csv")).splitlines()

    found = dict(zip(header.split(","), line.split(","), strict=True))
    assert list(found) == list(load)[:-3]
    assert {name: found[name] for name in ("id", "state", "received", "dry_run", "error_code")} == {
        "id": str(load["id"]),
        "state": "finished",
        "received": "3",
        "dry_run": "false",
        "error_code": "",
    }


def test_the_same_rows_in_another_table_change_nothing_there(api: Any) -> None:
    DepartmentFactory(id=1, department="Sales")

    load = loaded(api, b"1,Sales\n")

    assert counts(load) == [1, 0, 1, 0, 0]
    assert Department.objects.count() == 1


def test_purge_removes_old_results_of_tasks(api: Any) -> None:
    from datetime import timedelta

    from django.core.management import call_command

    loaded(api)
    loaded(api, b"9,New\n")
    newest = DBTaskResult.objects.latest("finished_at")
    old = DBTaskResult.objects.exclude(pk=newest.pk).get()
    assert old.finished_at
    DBTaskResult.objects.filter(pk=old.pk).update(finished_at=old.finished_at - timedelta(days=1))

    call_command("purge")

    assert DBTaskResult.objects.get() == newest
    assert Load.objects.count() == 2


def test_an_atomic_load_that_stored_nothing_is_loaded_again(api: Any) -> None:
    rows = json.dumps(employee_row(id=1)) + "\n" + json.dumps(employee_row(id=2)) + "\n"
    file = {"content": rows.encode(), "name": "people.jsonl", "table": "employees"}
    DepartmentFactory(id=1)
    first = loaded(api, mode="atomic", **file)  # type: ignore[arg-type]
    assert (first["state"], first["inserted"], first["rejected"]) == ("finished", 0, 2)
    partly = json.dumps(employee_row(id=3, name="")) + "\n" + rows
    api.post("/api/v1/jobs/", {"id": 1, "job": "Cook"}, format="json")

    file["content"] = partly.encode()
    second = loaded(api, mode="atomic", **file)  # type: ignore[arg-type]
    assert counts(second) == [3, 0, 0, 1, 2]
    third = loaded(api, **file)  # type: ignore[arg-type]

    assert third["id"] != second["id"]
    assert sorted(Employee.objects.values_list("id", flat=True)) == [1, 2]


def test_loads_of_a_drop_folder_are_found_by_their_day(api: Any) -> None:
    members = {"table": "jobs", "bytes": 1, "mode": "partial", "dry_run": False}
    for day in (None, "2024-01-30", "2024-01-31", "2024-02-01"):
        Load.objects.create(date=day, **members)

    def days(**filters: str) -> list[str | None]:
        return [load["date"] for load in api.get(LOADS, filters).json()["results"]]

    assert days() == [None, "2024-01-30", "2024-01-31", "2024-02-01"]
    assert days(date_from="2024-01-31") == ["2024-01-31", "2024-02-01"]
    assert days(date_from="2024-01-30", date_to="2024-01-31") == ["2024-01-30", "2024-01-31"]
    assert days(date_to="2024-01-30", table="employees") == []


@pytest.mark.parametrize("date", ["2024-02-30", "31.01.2024", "20240131", "2024-1-31", "soon"])
def test_a_day_that_is_none_is_refused(api: Any, date: str) -> None:
    response = api.get(LOADS, {"date_from": date})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
    assert "Write it like 2021-07-27" in response.json()["detail"]
