"""Who made, restored and removed backups is recorded, and no backup holds or changes what was recorded."""

from __future__ import annotations

import pwd
from pathlib import Path
from typing import Any

import pytest

from hrapi.audit.models import AuditEvent
from hrapi.backups.models import BackupRun
from hrapi.backups.stored import stored_tables
from hrapi.schedule.jobs import run_command
from tests.audit.recorded import recorded, told
from tests.backups.running import backup, run
from tests.factories import DepartmentFactory


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: a backup reads on a connection of its own."""


@pytest.fixture(autouse=True)
def place(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKUP_PLACE = str(tmp_path / "backups")
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: type("Entry", (), {"pw_name": "operator"}))


def last_run() -> int:
    return int(BackupRun.objects.latest("id").pk)


def test_a_backup_by_hand_and_one_by_cron() -> None:
    with recorded() as events:
        backup("jobs")
        first = last_run()
        run_command("backup", "--trigger", "cron")

    tables = [table.name for table in stored_tables()]
    assert told(events) == [
        ("backup", "operator", {"run": first, "trigger": "manual", "tables": ["jobs"]}),
        ("backup", "operator", {"run": last_run(), "trigger": "cron", "tables": tables}),
    ]
    assert [event.command for event in events] == [None, "backup"]


def test_a_restore_and_not_a_look_at_its_plan() -> None:
    name = backup()
    DepartmentFactory()

    with recorded() as events:
        assert run("restore", "--from", "latest", "--dry-run").code == 0
        assert run("restore", "--from", "latest", answer="no").code != 0
        assert run("restore", "--from", "latest", "--no-input").code == 0

    what = {"run": last_run(), "backup": name, "mode": "replace"}
    assert told(events) == [("restore", "operator", what)]


def test_what_is_pruned_and_not_a_look_at_it() -> None:
    names = [backup("jobs") for _ in range(4)]

    with recorded() as events:
        assert run("prune_backups", "--keep-last", "1").code == 0
        assert run("prune_backups", "--keep-last", "1", "--yes").code == 0

    what = {"run": last_run(), "trigger": "manual", "backups": names[:1]}
    assert told(events) == [("prune", "operator", what)]


def test_a_restore_leaves_what_was_recorded_as_it_is() -> None:
    backup()
    run("issue_token", "nobody")
    before = list(AuditEvent.objects.order_by("id").values_list())

    run("restore", "--from", "latest", "--no-input")

    assert list(AuditEvent.objects.order_by("id").values_list())[: len(before)] == before
    assert "audit_events" not in {table.db_table for table in stored_tables()}
