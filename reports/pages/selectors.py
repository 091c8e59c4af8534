"""What the pages of charts show beside charts. None of it takes longer with more hires."""

from __future__ import annotations

from typing import Any

from departments.models import Department
from hrapi.backups.models import BackupRun
from jobs.models import Job

LAST_BACKUPS = 5
MAX_CHOICES = 500


def departments_to_choose() -> list[tuple[int, str]]:
    """By name; none where they are too many to choose from."""
    return _to_choose(
        Department.objects.order_by("department", "id").values_list("id", "department")
    )


def jobs_to_choose() -> list[tuple[int, str]]:
    """By name; none where they are too many to choose from."""
    return _to_choose(Job.objects.order_by("job", "id").values_list("id", "job"))


def _to_choose(rows: Any) -> list[tuple[int, str]]:
    found = list(rows[: MAX_CHOICES + 1])
    return found if len(found) <= MAX_CHOICES else []


def last_backups() -> list[BackupRun]:
    kinds = (BackupRun.Kind.BACKUP, BackupRun.Kind.VERIFY)
    return list(BackupRun.objects.filter(kind__in=kinds).order_by("-id")[:LAST_BACKUPS])
