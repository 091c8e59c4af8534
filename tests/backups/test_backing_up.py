"""Making backups: what is written, and what happens when it cannot be."""

from __future__ import annotations

import io
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DataError, connection

from employees.models import Employee
from hrapi.backups.directory_place import DirectoryPlace
from hrapi.backups.locking import one_run_at_a_time
from hrapi.backups.manifest import NAME, read_manifest
from hrapi.backups.models import BackupRun
from hrapi.backups.stored import stored_tables
from tests.backups.running import backup, everything, run, store
from tests.factories import employee_row

pytestmark = pytest.mark.usefixtures("stored")


def test_a_backup_is_a_directory_for_nobody_else(place: Path) -> None:
    name = backup()

    assert NAME.fullmatch(name)
    files = sorted(path.name for path in (place / name).iterdir())
    assert files == sorted(
        ["manifest.json", "manifest.json.sha256", *(table.file for table in stored_tables())]
    )
    assert stat.S_IMODE((place / name).stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (place / name).iterdir()} == {0o600}


def test_the_manifest_says_what_is_there(place: Path) -> None:
    name = backup()

    manifest = read_manifest(place / name)

    assert (manifest.id, manifest.trigger) == (name, "manual")
    rows = {table: len(rows) for table, rows in everything().items()}
    assert {entry.table: entry.rows for entry in manifest.tables} == rows
    text = (place / name / "manifest.json").read_text()
    assert not {"password", "host", "socket"} & set(text.lower().split('"'))


def test_some_tables_alone_are_a_backup_of_the_same_shape(place: Path) -> None:
    name = backup("jobs", "departments")

    assert [entry.table for entry in read_manifest(place / name).tables] == ["departments", "jobs"]
    assert run("verify_backup", name, "--deep").code == 0
    assert run("restore", "--from", name, "--no-input").code == 0


def test_another_place(tmp_path: Path, place: Path) -> None:
    name = backup("--to", tmp_path / "usb" / "stick")

    assert not place.exists()
    assert run("verify_backup", tmp_path / "usb" / "stick" / name).code == 0
    assert name in run("list_backups", "--place", tmp_path / "usb" / "stick").output


@pytest.mark.parametrize("to", ["ftp://x/y", "gopher://x", "s3:/bucket/x", "s3:bucket", "s3://"])
def test_a_place_that_is_not_understood_is_refused(
    to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    finished = run("backup", "--to", to)

    assert (finished.code, finished.output) == (1, "")
    assert to in finished.errors
    assert list(tmp_path.iterdir()) == []


def test_the_list_is_sorted_by_time_and_shows_what_each_holds() -> None:
    names = [backup(), backup("jobs")]

    lines = run("list_backups").output.splitlines()

    assert [line.split()[0] for line in lines] == names
    assert lines[1].endswith("jobs 2")


def test_a_name_that_cannot_be_printed_is_still_that_of_a_backup(place: Path) -> None:
    with Path("/dev/full").open("w", buffering=1) as full:
        with pytest.raises(CommandError) as refused:
            call_command("backup", stdout=full, stderr=io.StringIO())
        with suppress(OSError):
            full.close()

    [made] = place.iterdir()
    assert str(refused.value) == (
        f"{made.name} is made, but its name could not be printed: No space left on device"
    )
    assert run("verify_backup", made.name).code == 0


@pytest.mark.parametrize("query", ["SELECT 1", "SELECT 1 / 0"])
def test_a_run_may_begin_as_soon_as_another_has_ended(query: str) -> None:
    with suppress(DataError), one_run_at_a_time("backup") as own:
        close, own.close = own.close, lambda: None
        own.set_autocommit(False)
        own.cursor().execute(query)
    # As for the server that has not noticed yet.
    try:
        with one_run_at_a_time("backup"):
            pass
    finally:
        close()


def test_a_second_run_says_who_is_at_work(place: Path) -> None:
    with one_run_at_a_time("backup"):
        finished = run("backup")
        restoring = run("restore", "--from", "latest", "--no-input")

    assert (finished.code, finished.output) == (75, "")
    assert f"hrapi backup, process {os.getpid()} is at work" in finished.errors
    assert restoring.code == 75
    assert not place.exists()
    assert run("backup").code == 0


@pytest.mark.parametrize("function", ["os.fsync", "os.open", "pathlib.Path.rename"])
@pytest.mark.parametrize("call", range(1, 12))
def test_whatever_fails_leaves_no_backup_that_is_listed_and_no_rubbish(
    place: Path, function: str, call: int
) -> None:
    kept = backup()
    calls = 0
    real = {"os.fsync": os.fsync, "os.open": os.open}.get(function, Path.rename)

    def fail(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(28, "No space left on device", "somewhere")
        return real(*arguments, **options)

    with mock.patch(function, fail):
        finished = run("backup")

    listed = [line.split()[0] for line in run("list_backups").output.splitlines()]
    if calls < call:
        assert finished.code == 0
    else:
        assert finished.code == 1
        assert "No space left on device" in finished.errors
        assert BackupRun.objects.latest("id").outcome == BackupRun.Outcome.FAILED
    assert kept in listed
    assert all(run("verify_backup", name).code == 0 for name in listed)
    assert sorted(path.name for path in place.iterdir()) == listed
    assert run("backup").code == 0


def test_a_full_disk_is_named(place: Path) -> None:
    place.mkdir()

    with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
        finished = run("backup")

    assert finished.code == 1
    assert finished.errors.startswith(f"CommandError: {place}/.unfinished-")
    assert finished.errors.endswith("/departments.avro: No space left on device\n")


def test_rubbish_of_a_killed_run_is_swept_a_day_later(place: Path) -> None:
    place.mkdir()
    old = place / ".unfinished-20261101T000000.000000Z-000001"
    young = place / ".unfinished-20261101T000000.000000Z-000002"
    foreign = place / ".unfinished-novel"
    for path in (old, young, foreign):
        path.mkdir()
    for path in (old, foreign):
        os.utime(path, (0, 0))

    backup()

    assert [path.exists() for path in (old, young, foreign)] == [False, True, True]
    assert len(run("list_backups").output.splitlines()) == 1


def test_every_run_is_recorded() -> None:
    name = backup()
    run("verify_backup", name)
    run("restore", "--from", name, "--dry-run")
    run("restore", "--from", name, "--no-input")

    runs = BackupRun.objects.order_by("id").values_list("kind", "trigger", "backup", "outcome")
    assert list(runs) == [
        ("backup", "manual", name, "done"),
        ("verify", "manual", name, "done"),
        ("restore", "manual", name, "done"),
        ("restore", "manual", name, "done"),
    ]
    assert [run.detail[:12] for run in BackupRun.objects.order_by("id")][2:] == [
        "Only shown, ",
        "replace: dep",
    ]
    assert all(run.finished_at and run.detail for run in BackupRun.objects.all())


def test_two_backups_of_unchanged_tables_have_the_same_content(place: Path) -> None:
    first, second = (read_manifest(place / backup()) for _ in range(2))

    assert [entry.content_sha256 for entry in first.tables] == [
        entry.content_sha256 for entry in second.tables
    ]
    Employee.objects.filter(id=1).update(name="Changed")
    third = read_manifest(place / backup())
    changed = [
        a.table for a, b in zip(first.tables, third.tables, strict=True)
        if a.content_sha256 != b.content_sha256
    ]  # fmt: skip
    assert changed == ["employees"]


def test_a_backup_is_of_one_moment(place: Path) -> None:
    """Rows that land while it runs are in no table of it."""
    from hrapi.backups import services, snapshot

    real = snapshot._write_table
    written: list[str] = []

    def meanwhile(connection_: Any, table: Any, *arguments: Any, **options: Any) -> Any:
        if table.name == "employees":
            store(employee_row(id=8_000, name=""), employee_row(id=8_001))
        written.append(table.name)
        return real(connection_, table, *arguments, **options)

    before = {table: len(rows) for table, rows in everything().items()}
    with mock.patch.object(snapshot, "_write_table", meanwhile):
        manifest = services.make_backup(DirectoryPlace(place), stored_tables())

    assert written == [table.name for table in stored_tables()]
    assert {entry.table: entry.rows for entry in manifest.tables} == before
    assert Employee.objects.filter(id=8_001).exists()


def test_no_password_and_no_token_is_in_a_backup(place: Path) -> None:
    user = User.objects.get()
    user.set_password("canary-password")
    user.save()

    name = backup("--codec", "null")

    everything_written = b"".join(path.read_bytes() for path in (place / name).iterdir())
    assert user.password.encode() not in everything_written
    assert "Zoë".encode() in everything_written


def test_the_connection_of_the_caller_is_left_as_it_was() -> None:
    backup()

    assert connection.get_autocommit()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)


def test_a_place_that_is_a_file_or_of_the_server_is_refused(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(settings.DATA_DIR / "postgres")
    for place, said in (
        (tmp_path / "file", f"{tmp_path / 'file'}: Not a directory"),
        (tmp_path / "file" / "below", f"{tmp_path / 'file'}: Not a directory"),
        (
            settings.DATA_DIR / "postgres",
            "belongs to the private PostgreSQL: name another directory.",
        ),
        (tmp_path / "link" / "base", "belongs to the private PostgreSQL: name another directory."),
    ):
        finished = run("backup", "--to", str(place))
        assert (finished.code, finished.output) == (1, "")
        assert said in finished.errors


def test_an_empty_place_is_not_the_default_one(place: Path) -> None:
    """As of a shell whose variable is not set."""
    for command in ("backup", "--to"), ("list_backups", "--place"):
        finished = run(*command, "")
        assert finished.code == 1
        assert "'' is not a place: name" in finished.errors

    assert not place.exists()


def test_a_table_that_there_is_not_is_wrong_usage(place: Path) -> None:
    for command in (["backup"], ["restore", "--from", backup(), "--no-input"]):
        finished = run(*command, "nothing")
        assert (finished.code, finished.output) == (2, "")
        assert "'nothing' is none of the tables departments, jobs, " in finished.errors


def test_a_path_may_end_in_a_slash(place: Path) -> None:
    name = backup()

    assert run("verify_backup", f"{place / name}/").code == 0


def test_failed_runs_are_recorded_too_before_a_question_is_asked(place: Path) -> None:
    name = backup()
    size = (place / name / "jobs.avro").stat().st_size
    (place / name / "jobs.avro").write_bytes(b"x")
    gone = "20200101T000000.000000Z-abcdef"

    assert run("restore", "--from", name).code == 3
    assert run("restore", "--from", gone).code == 1

    runs = BackupRun.objects.order_by("id").values_list("kind", "backup", "outcome", "detail")
    assert list(runs)[1:] == [
        ("restore", name, "failed", f"jobs.avro has 1 bytes instead of {size}."),
        ("restore", gone, "failed", f"There is no backup {gone} in {place}."),
    ]
