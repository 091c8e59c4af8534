"""What was erased does not come back from a backup that still holds it; who came later does."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from employees.models import Employee
from hrapi.ingestion.models import RejectedRow, RowChange
from hrapi.privacy.models import Erasure
from tests.backups.running import backup, delete_everything, everything, run
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.sending import send, stored_ids
from tests.privacy.holding import (
    ID,
    NAME,
    files_with_the_name,
    keep_everywhere,
    person,
    tables_with_the_name,
)

NEXT = 900


@pytest.fixture(params=["directory", "s3"])
def kept_in(request: pytest.FixtureRequest, place: Path) -> Path:
    """The directory of the place, or the one in which a server of S3 keeps what is in the place."""
    if request.param == "directory":
        return place
    bucket: Path = request.getfixturevalue("bucket")
    return bucket / "prod"


def erase(*arguments: str) -> None:
    finished = run("erase_employee", str(ID), "--name-too", "--no-input", *arguments)
    assert finished.code == 0, finished.errors


def restore(name: str, *arguments: str, code: int = 0) -> Any:
    finished = run("restore", "--from", name, "--no-input", *arguments)
    assert finished.code == code, finished.errors
    return finished


def lose_the_database() -> None:
    delete_everything()
    Erasure.objects.all().delete()


def others() -> dict[str, Any]:
    return {
        "employees": list(Employee.objects.exclude(id=ID).values_list()),
        "log": list(
            RejectedRow.objects.exclude(raw="").order_by("id").values_list("id", "raw", "errors")
        ),
    }


@pytest.mark.parametrize("mode", ["replace", "merge"])
@pytest.mark.parametrize("lost", [False, True], ids=["here", "on a new machine"])
def test_the_name_does_not_come_back(api: Any, kept_in: Path, mode: str, lost: bool) -> None:
    keep_everywhere(api)
    send(api, employee_row(id=8))
    name = backup("--codec", "null")
    assert files_with_the_name(kept_in) != set()
    erase()
    expected = others()
    if lost:
        lose_the_database()

    finished = restore(name, "--mode", mode)

    assert tables_with_the_name() == set()
    assert (
        "left out: employees 1, batches 1, rejected_rows 5, row_changes 1, loads 2."
        in finished.output
    )
    assert others() == expected
    assert Erasure.objects.count() == 1
    assert all(change.before == {} for change in RowChange.objects.filter(row_id=ID))
    # All goes on: rows are stored and rejected, and this state can be backed up and restored.
    assert send(api, [employee_row(id=NEXT), employee_row(name="", id=NEXT + 1)]).status_code == 207
    after = backup()
    restore(after, "--mode", mode)
    assert stored_ids() == [8, NEXT]


def test_it_says_that_exports_stay(api: Any) -> None:
    keep_everywhere(api)

    finished = run("erase_employee", str(ID), "--no-input")

    assert "Exports to Parquet" in finished.output


def test_the_plan_says_so(api: Any) -> None:
    keep_everywhere(api)
    name = backup()
    erase()

    shown = run("restore", "--from", name, "--dry-run")

    assert "Erased since the backup, and left out: employees 1," in shown.output
    [employees] = [line for line in shown.output.splitlines() if line.startswith("employees")]
    # Now, in the backup, and what would be inserted, updated and deleted.
    assert employees.split()[1:] == ["0", "1", "0", "0", "0"]


def test_entries_that_were_open_come_back_closed(api: Any, place: Path) -> None:
    send(api, [person(datetime="never"), person(id=None)])
    name = backup()
    erase()
    lose_the_database()

    restore(name)

    for entry in RejectedRow.objects.all():
        assert (entry.raw, entry.content_hash, entry.status) == ("", "", "discarded")
        assert entry.history[-1]["action"] == "erased"
        assert entry.errors[0]["value"] is None


def test_who_was_hired_again_later_is_in_later_backups(api: Any) -> None:
    send(api, person())
    before = backup()
    erase()
    send(api, person(name="Hired Again"))
    after = backup()
    Employee.objects.all().delete()

    restore(after)
    assert Employee.objects.get().name == "Hired Again"

    # An older backup has nothing to say of who came later.
    restore(before, "--mode", "merge")
    assert Employee.objects.get().name == "Hired Again"
    assert "left out" not in restore(after).output


def test_only_what_was_erased_since_is_left_out(api: Any) -> None:
    for _ in range(3):
        send(api, person())
        backup()
        erase()
    names = [line.split()[0] for line in run("list_backups").output.splitlines()]
    assert Erasure.objects.count() == len(names) == 3

    for name in names:
        restore(name)
        assert stored_ids() == []


@pytest.mark.parametrize("ahead", [3600, 1])
def test_a_backup_of_a_clock_that_is_ahead_counts_as_older(api: Any, ahead: int) -> None:
    from datetime import UTC, datetime, timedelta

    send(api, person())
    with mock.patch("hrapi.backups.services.datetime") as clock:
        clock.now.side_effect = lambda zone: datetime.now(UTC) + timedelta(seconds=ahead)
        name = backup()
    erase()

    restore(name)

    assert stored_ids() == []


def test_of_some_tables_only(api: Any) -> None:
    keep_everywhere(api)
    name = backup()
    erase()

    assert run("restore", "employees", "--from", name, "--no-input").code == 0
    assert tables_with_the_name() == set()


def test_a_backup_elsewhere_goes_by_the_records_of_both_places(
    api: Any, place: Path, tmp_path: Path, settings: Any
) -> None:
    send(api, person())
    name = backup("--to", tmp_path / "elsewhere")
    erase()
    lose_the_database()

    restore(str(tmp_path / "elsewhere" / name))
    assert stored_ids() == []

    # And when the backups and their records have moved.
    lose_the_database()
    (place / "erasures").rename(tmp_path / "elsewhere" / "erasures")
    settings.BACKUP_PLACE = str(tmp_path / "new")
    restore(str(tmp_path / "elsewhere" / name))
    assert stored_ids() == []


def test_the_key_of_an_erased_request_outlives_a_restore(api: Any) -> None:
    send(api, person(), idempotency_key="one")
    name = backup()
    erase()

    restore(name)

    assert send(api, person(), idempotency_key="one").status_code == 409
    assert stored_ids() == []


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def rewrite(**members: Any) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        found = json.loads(file.read_text())
        found["erasure"] |= members
        file.write_text(json.dumps(found))

    return change


MUTATIONS: dict[str, Callable[[Path], Any]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": cut,
    "no JSON": lambda file: file.write_bytes(b"\xff\x00{"),
    "another shape": lambda file: file.write_text("[]"),
    "too long": lambda file: file.write_bytes(b" " * (1024 * 1024 + 1)),
    "another row": rewrite(row_id=8),
    "another table": rewrite(table="jobs"),
    "another time": rewrite(erased_at="2020-01-01T00:00:00Z"),
    "more": rewrite(cleared={"rejected_rows.raw": [1]}),
    "unknown column": rewrite(cleared={"employees.name": [1]}),
    "a newer format": rewrite(format=2),
    "another name": lambda file: file.rename(file.with_name("20260101T000000.000000Z-abcdef.json")),
    "a second copy": lambda file: file.with_name("x.json").write_bytes(file.read_bytes()),
    "something else": lambda file: file.with_name("notes.txt").write_text("Hello"),
    "a directory": lambda file: file.with_name("more").mkdir(),
    "a link": lambda file: file.with_name("link").symlink_to(file),
    "a pipe": lambda file: os.mkfifo(file.with_name("pipe")),
    "no directory": lambda file: (file.unlink(), file.parent.rmdir(), file.parent.write_text("")),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_record_that_is_not_as_written_stops_a_restore(
    api: Any, place: Path, mutation: str
) -> None:
    send(api, person())
    name = backup()
    erase()
    [file] = (place / "erasures").iterdir()
    MUTATIONS[mutation](file)
    before = everything()

    for arguments in ([], ["--dry-run"]):
        finished = restore(name, *arguments, code=3)
        assert finished.errors.startswith("CommandError: ")
        assert finished.errors.count("\n") == 1
    assert everything() == before
    # It is no backup, and nothing else minds.
    for command in (
        ["list_backups"],
        ["verify_backup", "latest"],
        ["prune_backups", "--keep-last", "1"],
    ):
        assert run(*command).code == 0


def test_a_record_that_was_being_written_by_a_killed_run_is_none(api: Any, place: Path) -> None:
    send(api, person())
    name = backup()
    erase()
    [file] = (place / "erasures").iterdir()
    file.with_name(f".unfinished-{file.name}").write_bytes(file.read_bytes()[:30])

    restore(name)

    assert stored_ids() == []


def test_garbage_among_the_records_in_s3_stops_a_restore(api: Any, bucket: Path) -> None:
    send(api, person())
    name = backup()
    erase()
    [file] = (bucket / "prod" / "erasures").iterdir()
    cut(file)

    assert "is not understood" in restore(name, code=3).errors
    assert run("list_backups").code == 0


@pytest.mark.usefixtures("credentials")
def test_an_s3_that_cannot_be_reached_calls_the_erasure_off(api: Any, settings: Any) -> None:
    send(api, person())
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    settings.BACKUP_PLACE = "s3://hr/prod"

    finished = run("erase_employee", str(ID), "--no-input")

    assert finished.code == 1
    assert "Nothing was erased: no record of it could be kept beside the backups" in finished.errors
    assert stored_ids() == [ID]
    assert tables_with_the_name() == {"employees"}


def test_the_names_of_departments_and_jobs_are_no_business_of_it(api: Any) -> None:
    DepartmentFactory(id=ID, department=NAME)
    JobFactory(id=ID, job=NAME)
    send(api, person())

    erase()

    assert tables_with_the_name() == {"departments", "jobs"}
