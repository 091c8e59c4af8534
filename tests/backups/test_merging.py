"""Merging the reject log: of entries of one content at most one is open, and none is closed for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.backups import staging
from hrapi.ingestion.models import RejectedRow
from tests.backups.running import backup, everything, run, store
from tests.backups.test_restoring_meanwhile import after, execute_elsewhere
from tests.factories import employee_row

pytestmark = pytest.mark.usefixtures("stored")

BAD = employee_row(id=50, name="")


@pytest.fixture
def entries() -> tuple[int, int]:
    """The ids of an older and a younger entry of one content; the older is superseded."""
    store(BAD)
    store(BAD)
    older, younger = RejectedRow.objects.filter(row_id=50).order_by("id")
    return older.pk, younger.pk


def put(entry: int, status: str) -> None:
    RejectedRow.objects.filter(id=entry).update(status=status)


def statuses() -> list[str]:
    found = RejectedRow.objects.filter(row_id=50).order_by("id")
    return list(found.values_list("status", flat=True))


def merge(*options: str, answer: str | None = None) -> Any:
    name = run("list_backups").output.split()[0]
    return run("restore", "--from", name, "--mode", "merge", *options, answer=answer)


def plan_of_the_log(output: str) -> list[str]:
    [line] = [line for line in output.splitlines() if line.startswith("rejected_rows")]
    return line.split()[3:]


def test_an_older_open_entry_of_the_backup_gives_way_to_a_younger_of_the_log() -> None:
    store(BAD)
    backup()
    store(BAD)

    assert merge("--no-input").code == 0

    assert statuses() == ["superseded", "open"]


def test_an_older_open_entry_of_the_log_gives_way_and_that_is_asked(
    entries: tuple[int, int],
) -> None:
    older, younger = entries
    backup()
    RejectedRow.objects.filter(id=younger).delete()
    RejectedRow.objects.filter(id=older).update(id=-5, status="open")
    before = everything()

    shown = merge("--dry-run")
    refused = merge(answer="n\n")

    assert plan_of_the_log(shown.output) == ["2", "1", "0"]
    assert refused.code == 1
    assert everything() == before
    assert merge(answer="y\n").code == 0
    assert statuses() == ["superseded", "superseded", "open"]
    assert len(run("list_backups").output.splitlines()) == 2


def test_an_entry_of_the_backup_is_not_closed_by_what_the_backup_replaces(
    entries: tuple[int, int],
) -> None:
    older, younger = entries
    put(younger, "resolved")
    put(older, "open")
    backup()
    put(older, "discarded")
    put(younger, "open")

    assert merge("--no-input").code == 0

    assert statuses() == ["open", "resolved"]


def test_a_dry_run_is_in_nobodys_way(entries: tuple[int, int]) -> None:
    older, younger = entries
    backup()
    RejectedRow.objects.filter(id=younger).delete()
    RejectedRow.objects.filter(id=older).update(id=-5, status="open")

    def resolve() -> None:
        execute_elsewhere("UPDATE rejected_rows SET status = 'resolved' WHERE id = -5")

    with after(staging, "Plan", resolve):
        assert merge("--dry-run").code == 0

    assert statuses()[0] == "resolved"
