from __future__ import annotations

from django.db import models


class BackupRun(models.Model):
    """One run of a backup command, from its start on; one without an end was killed."""

    class Kind(models.TextChoices):
        BACKUP = "backup"
        VERIFY = "verify"
        RESTORE = "restore"
        PRUNE = "prune"

    class Outcome(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    trigger = models.CharField(max_length=16, help_text="manual, cron or before-restore.")
    place = models.TextField(help_text="Where the backups are.")
    backup = models.CharField(max_length=64, blank=True, help_text="Name of the backup.")
    of_newest = models.BooleanField(
        default=False,
        help_text="Of the newest backup of its place, with all tables.",
    )
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.RUNNING)
    detail = models.TextField(blank=True, help_text="What was done, or why it failed.")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "backup_runs"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
