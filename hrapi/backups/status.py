"""Whether there is a backup to rely on: how old the newest is that was verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hrapi.backups.errors import BackupError
from hrapi.backups.manifest import made_at
from hrapi.backups.models import BackupRun


@dataclass(frozen=True)
class VerifiedBackup:
    """The newest backup of all tables, which its last verification found whole. Moments are in UTC."""

    name: str
    made_at: datetime
    verified_at: datetime


def newest_verified(place: str) -> VerifiedBackup:
    """As the records say; the place is not looked at. Raises BackupError when there is none, and says why."""
    run = (
        BackupRun.objects.filter(
            kind=BackupRun.Kind.VERIFY, place=place, of_newest=True, finished_at__isnull=False
        )
        .order_by("-id")
        .first()
    )
    if run is None or run.finished_at is None:
        raise BackupError(f"No backup of all tables in {place} was verified: verify_backup latest.")
    if run.outcome != BackupRun.Outcome.DONE:
        raise BackupError(
            f"{run.backup} could not be verified at {run.finished_at:%F %T} UTC: {run.detail}"
        )
    return VerifiedBackup(run.backup, made_at(run.backup), run.finished_at)
