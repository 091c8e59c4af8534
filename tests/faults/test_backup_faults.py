"""The faults of `make faults` that concern backups, fewer of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backups.running import backup, store_rows
from tests.faults import backups, mutations, restores
from tests.faults.outcome import Outcome


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: children and commands connect by themselves."""


@pytest.fixture
def place(db: None, tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    settings.BACKUP_PLACE = str(tmp_path / "backups")  # type: ignore[attr-defined]
    store_rows(further=50)
    return tmp_path / "backups"


def nothing_lost(outcome: Outcome) -> None:
    assert outcome.problems == []
    assert outcome.tried


def test_f8_backup_under_load() -> None:
    nothing_lost(backups.backup_under_load(times=2))


def test_f9_crash_and_failure_at_every_step(place: Path) -> None:
    nothing_lost(backups.crash_at_every_step(place))


def test_f9_disk_full(place: Path) -> None:
    nothing_lost(backups.disk_full(place))


def test_f9_kill_backups() -> None:
    nothing_lost(backups.kill_backups(times=4))


def test_f10_mutations(place: Path, tmp_path: Path) -> None:
    nothing_lost(mutations.mutations(place / backup(), tmp_path / "scratch", times=200))


def test_f11_kill_restores() -> None:
    nothing_lost(restores.kill_restores(times=6))


def test_f12_restore_under_load() -> None:
    nothing_lost(restores.restore_under_load(times=1))
