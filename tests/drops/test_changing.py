"""Files that are still written to, or replaced, while they are looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from departments.models import Department
from hrapi.drops import directory, services
from hrapi.loads.models import Load
from tests.backups.running import run
from tests.drops.dropping import DEPARTMENTS, Folder, loads
from tests.installation import Finished

NAME = "20240131_departments.csv"


def test_a_file_that_was_changed_just_now_is_left_whatever_its_times_say(folder: Folder) -> None:
    os.utime(folder.drop(NAME, DEPARTMENTS), (0, 0))

    finished = run("take_drops", folder.path)

    assert (finished.code, finished.output) == (0, "")
    assert finished.errors == (
        f"{NAME}: it may still be written: it is left until nothing has changed it for 30 seconds.\n"
    )
    assert folder.lying() == [NAME]
    assert folder.take().code == 0


def after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, happens: Any) -> None:
    """Something happens once, as soon as a function of the module has returned."""
    real = getattr(module, name)

    def call(*arguments: Any, **options: Any) -> Any:
        found = real(*arguments, **options)
        monkeypatch.setattr(module, name, real)
        happens()
        return found

    monkeypatch.setattr(module, name, call)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"3,Art\n")


@pytest.mark.parametrize("name", ["look_into", "run_load"])
def test_a_file_that_grows_is_left_and_taken_whole_later(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = folder.drop(NAME, DEPARTMENTS)
    after(monkeypatch, services, name, lambda: append(path))

    finished = folder.take()

    assert (finished.code, finished.output) == (0, "")
    assert "it was changed meanwhile; it is looked at again later." in finished.errors
    assert folder.lying() == [NAME]
    assert folder.take().code == 0
    assert sorted(Department.objects.values_list("id", flat=True)) == [1, 2, 3]
    assert folder.result(NAME)["received"] == 3
    assert all(state == "finished" for *_, state in loads())


@pytest.mark.parametrize("sent_at", [2**32, 0])
def test_who_goes_on_writing_when_it_is_taken_is_told_that_it_is_not_whole(
    folder: Folder, sent_at: int
) -> None:
    """Whatever the sender's clock says."""
    path = folder.drop(NAME, b"1,Sales\n")
    os.utime(path, (sent_at, sent_at))
    with path.open("ab") as file:
        assert folder.take().code == 0
        assert folder.take() == Finished(0, "", "")
        file.write(b"2,Law\n")

    finished = folder.take()

    assert (finished.code, finished.output) == (1, "")
    assert f"done/{NAME}: {services.WRITTEN_SINCE}\n" in finished.errors
    (folder.path / "done" / NAME).rename(path)
    assert folder.take().code == 0
    assert folder.take() == Finished(0, "", "")
    assert Department.objects.count() == 2
    assert folder.result(f"{NAME}.1")["unchanged"] == 1


def test_a_file_that_is_replaced_in_the_moment_in_which_it_is_moved(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.drop(NAME, DEPARTMENTS)
    newer = folder.path / ".newer"
    newer.write_bytes(b"3,Art\n")
    rename = os.rename

    def replace_first(source: str, *arguments: Any, **options: Any) -> None:
        if source == NAME:
            monkeypatch.setattr(directory.os, "rename", rename)
            rename(newer, path)
        rename(source, *arguments, **options)

    monkeypatch.setattr(directory.os, "rename", replace_first)

    finished = folder.take()

    assert (finished.code, finished.output) == (0, "")
    assert folder.lying() == [NAME]
    assert list((folder.path / "done").iterdir()) == []
    assert path.read_bytes() == b"3,Art\n"
    assert folder.take().code == 0
    assert Department.objects.count() == 3


def test_a_file_that_goes_away_is_none(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.drop(NAME, DEPARTMENTS)
    after(monkeypatch, services, "look_into", path.unlink)

    finished = folder.take()

    assert (finished.code, finished.output) == (0, "")
    assert Load.objects.count() == 0


def test_a_file_becomes_a_link_when_it_was_looked_at(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(DEPARTMENTS)
    path = folder.drop(NAME, b"3,Art\n")

    def swap() -> None:
        path.unlink()
        path.symlink_to(tmp_path / "secret")

    after(monkeypatch, services, "look_into", swap)

    assert folder.take().code == 0

    assert not Department.objects.exists()
    assert folder.lying() == [NAME]
