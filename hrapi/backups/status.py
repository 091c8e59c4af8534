"""Whether there is a backup to rely on: how old the newest is that was verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hrapi.backups.errors import BackupError
from hrapi.backups.manifest import made_at
from hrapi.backups.models import BackupRun

# Clocks of two machines differ.
MAX_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class VerifiedBackup:
    """The newest backup of all tables, which its last verification found whole. Moments are in UTC."""

    name: str
    made_at: datetime
    verified_at: datetime


def newest_verified(place: str) -> VerifiedBackup:
    """As the records say; the place is not looked at. Raises BackupError when there is none, and says why.

    One from the future is none: it would be young for ever, and hide those that are made until then.
    """
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
    if made_at(run.backup) - datetime.now(UTC) > MAX_AHEAD:
        raise BackupError(
            f"{run.backup} is dated in the future: set the clock right and remove it."
        )
    return VerifiedBackup(run.backup, made_at(run.backup), run.finished_at)
