"""That a backup is on disk before it has its name, and its name before it is said to be there."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import pytest

from tests.backups.running import backup, run

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the disk, in its order, named from `tmp_path` on."""
    found: list[str] = []
    fsync, rename = os.fsync, os.rename

    def name(path: str | Path) -> str:
        return str(Path(path).relative_to(tmp_path))

    def noted_fsync(descriptor: int) -> None:
        fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        found.append(f"fsync {name(path)}")

    def noted_rename(old: Path, new: Path) -> None:
        rename(old, new)
        found.append(f"rename {name(old)} {name(new)}")

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "rename", noted_rename)
    return found


def test_files_then_their_directory_then_the_name(place: Path, steps: list[str]) -> None:
    place.mkdir()
    name = backup()

    files = [path.name for path in (place / name).iterdir()]
    unfinished = f"backups/.unfinished-{name}"
    assert sorted(steps[: len(files)]) == sorted(f"fsync {unfinished}/{file}" for file in files)
    assert steps[len(files) :] == [
        f"fsync {unfinished}",
        f"rename {unfinished} backups/{name}",
        "fsync backups",
    ]


def test_a_place_that_is_made_is_on_disk_too(tmp_path: Path, steps: list[str]) -> None:
    backup("--to", tmp_path / "a" / "b")

    assert steps[:2] == ["fsync .", "fsync a"]
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "a" / "b")] == [
        0o700,
        0o700,
    ]


def test_what_is_pruned_is_gone_for_good(place: Path, steps: list[str]) -> None:
    names = [backup() for _ in range(4)]
    steps.clear()

    run("prune_backups", "--keep-last", "3", "--yes")

    assert steps == [f"rename backups/{names[0]} backups/.unfinished-{names[0]}", "fsync backups"]


def test_a_pin_stays(place: Path, steps: list[str]) -> None:
    name = backup()
    steps.clear()

    run("pin_backup", name)

    assert steps == [f"fsync backups/{name}.pin", "fsync backups"]


def test_a_backup_whose_name_may_not_last_is_not_listed(place: Path) -> None:
    kept = backup()
    real = os.fsync

    def fail(descriptor: int) -> None:
        if str(Path(f"/proc/self/fd/{descriptor}").readlink()) == str(place):
            raise OSError(5, "Input/output error")
        real(descriptor)

    with mock.patch("os.fsync", fail):
        finished = run("backup")

    assert (finished.code, finished.output) == (1, "")
    assert [path.name for path in place.iterdir()] == [kept]
