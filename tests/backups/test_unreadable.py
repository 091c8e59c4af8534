"""A backup that belongs to somebody else: it is not called damaged, and does not hide the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backups.running import backup, everything, run

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def unreadable(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The older one of two backups, which this user may not look into: played, as root may look into all."""
    name = backup()
    backup()

    def refusing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any = ".", *arguments: Any, **options: Any) -> Any:
            if isinstance(path, str | Path) and str(path).startswith(f"{place / name}/"):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *arguments, **options)

        return call

    for function in ("open", "stat", "lstat"):
        monkeypatch.setattr(os, function, refusing(getattr(os, function)))
    return name


def test_it_is_listed_with_what_is_wrong(unreadable: str) -> None:
    finished = run("list_backups")

    lines = finished.output.splitlines()
    assert (finished.code, len(lines)) == (0, 2)
    assert lines[0] == f"{unreadable}  UNREADABLE: manifest.json cannot be read: Permission denied."


@pytest.mark.parametrize("command", [["verify_backup"], ["restore", "--no-input", "--from"]])
def test_it_is_not_called_damaged(unreadable: str, command: list[str]) -> None:
    before = everything()

    finished = run(*command, unreadable)

    assert (finished.code, finished.output, finished.errors) == (
        1,
        "",
        "CommandError: manifest.json cannot be read: Permission denied.\n",
    )
    assert everything() == before


def test_the_others_are_as_good_as_ever(unreadable: str) -> None:
    newer = run("list_backups").output.splitlines()[1].split()[0]

    assert run("verify_backup", newer).code == 0
    assert run("restore", "--from", "latest").code == 0
    pruned = run("prune_backups", "--keep-last", "1", "--yes")
    assert pruned.output == f"keep        {newer}  last\n"
    assert pruned.errors.splitlines()[0] == (
        f"left alone  {unreadable}  manifest.json cannot be read: Permission denied."
    )
    assert len(run("list_backups").output.splitlines()) == 2
