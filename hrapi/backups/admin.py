"""The runs of backup commands, to look at."""

from __future__ import annotations

from django.contrib import admin

from hrapi.api.admin import ReadOnlyAdmin
from hrapi.backups.models import BackupRun


@admin.register(BackupRun)
class BackupRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "trigger", "backup", "outcome", "started_at", "finished_at")
    list_filter = ("kind", "outcome", "trigger")
    date_hierarchy = "started_at"
