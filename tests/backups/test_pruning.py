"""What is pruned, and what never is."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrapi.backups.manifest import MANIFEST
from hrapi.backups.pruning import LEAST_KEPT, Keep, reasons_to_keep
from tests.backups.mutating import rewrite_manifest
from tests.backups.running import backup, run

NOW = datetime(2026, 11, 21, tzinfo=UTC)
EVERY_SIX_HOURS = [
    f"{NOW - timedelta(hours=6 * number):%Y%m%dT%H%M%S.%fZ}-00000{number % 10}"
    for number in range(400)
]


def kept(names: list[str], keep: Keep, pinned: tuple[str, ...] = ()) -> list[str]:
    found = reasons_to_keep(names, pinned, keep)
    return sorted((name for name, reasons in found.items() if reasons), reverse=True)


@pytest.mark.parametrize(
    "keep, days",
    [
        (Keep(last=4), ["21", "20", "20", "20"]),
        (Keep(daily=5), ["21", "20", "20", "19", "18", "17"]),
        (Keep(weekly=4), ["21", "20", "20", "15", "08", "01"]),
        (Keep(monthly=3), ["21", "20", "20", "31", "30"]),
        (Keep(), ["21", "20", "20"]),
    ],
)
def test_the_newest_of_each_period_is_kept_and_three_in_any_case(
    keep: Keep, days: list[str]
) -> None:
    assert [name[6:8] for name in kept(EVERY_SIX_HOURS, keep)] == days


@given(
    names=st.lists(st.sampled_from(EVERY_SIX_HOURS), unique=True),
    keep=st.builds(Keep, *[st.integers(0, 9)] * 4),
    data=st.data(),
)
def test_whatever_is_asked_for(names: list[str], keep: Keep, data: st.DataObject) -> None:
    pinned = data.draw(st.sets(st.sampled_from(names))) if names else set()

    found = kept(names, keep, tuple(pinned))

    newest = sorted(names, reverse=True)
    assert set(newest[: max(LEAST_KEPT, keep.last)]) | pinned <= set(found)
    assert len(found) <= sum((keep.last, keep.daily, keep.weekly, keep.monthly)) + 3 + len(pinned)


@pytest.fixture
def aged(stored: None, place: Path) -> list[str]:
    """Six backups, one a day, oldest first."""
    made = place / backup()
    names = []
    for day in range(1, 7):
        name = f"202611{day:02}T000000.000000Z-00000{day}"
        shutil.copytree(made, place / name)
        rewrite_manifest(place / name, lambda manifest, name=name: manifest.update(id=name))  # type: ignore[misc]
        names.append(name)
    shutil.rmtree(made)
    return names


def listed() -> list[str]:
    return [line.split()[0] for line in run("list_backups").output.splitlines()]


def test_without_yes_it_only_says_what_would_go(aged: list[str]) -> None:
    finished = run("prune_backups", "--keep-last", "4")

    assert finished.code == 0
    assert finished.output.splitlines() == [
        *(f"remove      {name}" for name in aged[:2]),
        *(f"keep        {name}  last" for name in aged[2:]),
        "Nothing was removed: --yes does it.",
    ]
    assert listed() == aged


def test_with_yes_they_go_and_nothing_else(aged: list[str], place: Path) -> None:
    (place / "notes.txt").write_text("mine")
    (place / "elsewhere").mkdir()
    link = place / "20200101T000000.000000Z-abcdef"
    link.symlink_to(place / aged[5])
    run("pin_backup", aged[0])

    finished = run("prune_backups", "--keep-last", "3", "--yes")

    assert finished.code == 0
    assert f"keep        {aged[0]}  pinned" in finished.output
    assert listed() == [aged[0], *aged[3:]]
    assert all(run("verify_backup", name).code == 0 for name in listed())
    assert (place / "notes.txt").exists()
    assert (place / "elsewhere").exists()
    assert link.is_symlink()
    assert not list(place.glob(".unfinished*"))


def test_a_pin_can_be_taken_off(aged: list[str]) -> None:
    run("pin_backup", aged[0])
    assert run("pin_backup", aged[0], "--remove").output == f"{aged[0]} is no longer pinned.\n"

    run("prune_backups", "--keep-last", "3", "--yes")

    assert listed() == aged[3:]
    assert run("pin_backup", aged[0]).code == 1


def test_what_does_not_verify_is_neither_counted_nor_removed(aged: list[str], place: Path) -> None:
    for name in (aged[0], aged[5]):
        (place / name / "jobs.avro").write_bytes(b"x")

    finished = run("prune_backups", "--keep-last", "1", "--yes")

    assert finished.code == 3
    assert [line.split()[2] for line in finished.errors.splitlines()[:-1]] == [aged[0], aged[5]]
    assert finished.errors.splitlines()[-1] == (
        "CommandError: 2 backups do not verify, and were left alone. All else is done."
    )
    assert finished.output.splitlines()[0] == f"removed     {aged[1]}"
    assert listed() == [aged[0], *aged[2:]]


@pytest.mark.parametrize("keep", ["--keep-last", "--keep-daily"])
@pytest.mark.parametrize("kind", ["of some tables", "before a restore"])
def test_others_never_take_the_place_of_full_ones(
    aged: list[str], place: Path, kind: str, keep: str
) -> None:
    """Though they are newer; they are counted apart, by the same rule."""
    name = backup(*(["jobs"] if kind == "of some tables" else []))
    others = []
    for hour in range(1, 6):
        other = f"20261106T{hour:02}0000.000000Z-{hour:06}"
        shutil.copytree(place / name, place / other)
        trigger = "manual" if kind == "of some tables" else "before-restore"
        rewrite_manifest(
            place / other,
            lambda m, other=other, trigger=trigger: m.update(id=other, trigger=trigger),  # type: ignore[misc]
        )
        others.append(other)
    shutil.rmtree(place / name)

    assert run("prune_backups", keep, "3", "--yes").code == 0

    assert listed() == [*aged[3:], *others[2:]]


def test_a_removal_that_is_cut_short_leaves_nothing_that_is_listed(
    aged: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("hrapi.backups.directory_place.shutil.rmtree", fail)

    finished = run("prune_backups", "--keep-last", "3", "--yes")

    assert finished.code == 1
    assert listed() == aged[1:]
    assert all((place / name / MANIFEST).exists() for name in listed())


@pytest.mark.parametrize("arguments", [[], ["--yes"], ["--keep-last", "-1"]])
def test_what_to_keep_must_be_said(aged: list[str], arguments: list[str]) -> None:
    assert run("prune_backups", *arguments).code == 2
    assert listed() == aged


def test_names_of_manifests_are_their_own(aged: list[str], place: Path) -> None:
    assert [json.loads((place / name / MANIFEST).read_text())["id"] for name in aged] == aged
