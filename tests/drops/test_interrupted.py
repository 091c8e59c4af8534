"""A run that ends at any point, and the next one: nothing is lost, nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from departments.models import Department
from hrapi.drops import directory, services
from hrapi.ingestion.models import Batch
from hrapi.loads import running
from hrapi.loads.models import Load
from hrapi.loads.worker import resume_loads
from tests.backups.running import run
from tests.drops.dropping import DEPARTMENTS, Folder, loads
from tests.loads.sending import work_off

NAME = "20240131_departments.csv"
MANY = b"".join(b"%d,Department %d\n" % (number, number) for number in range(1, 2_501))


class KilledError(BaseException):
    """In place of a kill, which no code could catch."""


@contextmanager
def killed(
    module: Any, name: str, *, at: str, call: int = 1, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Within it the process ends `before` or `after` this call of the function."""
    real, calls = getattr(module, name), [0]

    def die(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == call and at == "before":
            raise KilledError
        found = real(*arguments, **options)
        if calls[0] == call:
            raise KilledError
        return found

    monkeypatch.setattr(module, name, die)
    with pytest.raises(KilledError):
        yield
    monkeypatch.setattr(module, name, real)


@pytest.mark.parametrize(
    "module, name, at, call",
    [
        pytest.param(services, "_load_of", "before", 1, id="before it is recorded"),
        pytest.param(services, "_load_of", "after", 1, id="before the record is committed"),
        pytest.param(services, "run_load", "before", 1, id="before it is loaded"),
        pytest.param(running._LoadFollower, "begun", "after", 1, id="in the first transaction"),
        pytest.param(running._LoadFollower, "progressed", "after", 2, id="in the midst of it"),
        pytest.param(running._LoadFollower, "ended", "after", 1, id="before its end is committed"),
        pytest.param(services, "run_load", "after", 1, id="after it"),
        pytest.param(directory, "_write_result", "before", 1, id="before the result"),
        pytest.param(directory.os, "fsync", "before", 1, id="with half a result"),
        pytest.param(directory, "_write_result", "after", 1, id="between the result and the move"),
        pytest.param(directory.os, "rename", "after", 2, id="after the move"),
    ],
)
def test_it_ends_as_if_nothing_had_been(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, at: str, call: int
) -> None:
    folder.drop(NAME, MANY)
    with killed(module, name, at=at, call=call, monkeypatch=monkeypatch):
        folder.take()

    finished = folder.take()

    assert finished.code == 0, finished.errors
    assert Department.objects.count() == 2_500
    assert loads() == [("departments", "2024-01-31", NAME, "finished")]
    counts = Batch.objects.values_list("received", "inserted", "unchanged", "finished_at")
    assert [(*each, bool(end)) for *each, end in counts] == [(2_500, 2_500, 0, True)]
    assert folder.lying() == []
    assert sorted(each.name for each in (folder.path / "done").iterdir()) == [
        NAME, f"{NAME}.result.json",
    ]  # fmt: skip
    assert folder.result(NAME)["inserted"] == 2_500


def test_rows_that_a_killed_run_has_rejected_are_told_by_the_next_one(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is the one that was loaded, and none that has come since."""
    folder.drop(NAME, b"1,Sales\n2,\n")
    with killed(directory, "_write_result", at="after", call=1, monkeypatch=monkeypatch):
        folder.take()

    finished = folder.take()

    assert finished.code == 3
    assert "2 received: 1 inserted, 0 unchanged, 1 rejected" in finished.output
    assert folder.result(NAME)["loaded_from"] is None


@pytest.mark.parametrize("step", ["_write_result", "run_load"])
def test_a_file_that_failed_and_was_not_moved_has_failed_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    folder.drop(NAME, b"id,colour\n1,red\n")
    module = services if step == "run_load" else directory
    with killed(module, step, at="after", call=1, monkeypatch=monkeypatch):
        folder.take()

    assert folder.take().code == 1

    assert loads() == [("departments", "2024-01-31", NAME, "failed")]
    assert sorted(each.name for each in (folder.path / "failed").iterdir()) == [
        NAME, f"{NAME}.result.json",
    ]  # fmt: skip
    (folder.path / "failed" / NAME).rename(folder.path / NAME)
    folder.take()
    assert len(loads()) == 2


@pytest.fixture
def half_loaded(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Load:
    folder.drop(NAME, MANY)
    with killed(running._LoadFollower, "progressed", at="after", call=1, monkeypatch=monkeypatch):
        folder.take()
    load = Load.objects.get()
    assert (load.state, load.counts["received"]) == ("running", 1_000)
    return load


def test_the_worker_of_the_api_leaves_it_alone(folder: Folder, half_loaded: Load) -> None:
    resume_loads()
    work_off()

    assert loads() == [("departments", "2024-01-31", NAME, "running")]
    folder.take()
    assert loads() == [("departments", "2024-01-31", NAME, "finished")]


def test_its_load_ends_when_its_file_has_gone(folder: Folder, half_loaded: Load) -> None:
    (folder.path / NAME).unlink()

    assert folder.take().code == 0

    half_loaded.refresh_from_db()
    assert (half_loaded.state, half_loaded.error_code) == ("failed", "conflict")
    assert half_loaded.error_detail == services.GONE
    folder.drop(NAME, MANY)
    folder.take()
    result = folder.result(NAME)
    assert (result["inserted"], result["unchanged"]) == (1_500, 1_000)


def test_its_load_waits_for_its_file_while_that_lies_there(
    folder: Folder, half_loaded: Load
) -> None:
    """It was touched, so it may still be written; or it cannot be copied, as the disk is full."""
    (folder.path / NAME).touch()

    assert run("take_drops", folder.path).code == 0

    assert loads() == [("departments", "2024-01-31", NAME, "running")]
    assert folder.take().code == 0
    assert folder.result(NAME)["load"] == half_loaded.pk


def test_its_load_goes_on_with_another_file_of_the_same_content(
    folder: Folder, half_loaded: Load
) -> None:
    (folder.path / NAME).rename(folder.path / "20240201_departments.csv.gz")
    folder.drop("20240201_departments.csv.gz", MANY)

    assert folder.take().code == 0

    assert loads() == [("departments", "2024-01-31", NAME, "finished")]
    assert folder.result("20240201_departments.csv.gz")["load"] == half_loaded.pk


def test_a_database_that_is_busy_is_said_and_the_file_stays(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.drop(NAME, DEPARTMENTS)
    monkeypatch.setattr(services, "run_load", lambda *_: running.Outcome.INTERRUPTED)

    finished = folder.take()

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == (
        "CommandError: The database was gone or busy. Run it again: it goes on where it was.\n"
    )
    assert folder.lying() == [NAME]
    monkeypatch.undo()
    assert folder.take().code == 0
    assert len(loads()) == 1


def test_whoever_asks_it_to_stop_is_told_that_it_goes_on(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.drop(NAME, MANY)
    monkeypatch.setattr(running, "should_stop", lambda: True)

    finished = folder.take()

    assert (finished.code, finished.output) == (130, "")
    assert finished.errors.startswith("CommandError: Interrupted. Run it again")
    monkeypatch.undo()
    assert folder.take().code == 0
    assert folder.result(NAME)["inserted"] == 2_500
