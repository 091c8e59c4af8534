"""What was recorded, to look at."""

from __future__ import annotations

from django.contrib import admin

from hrapi.api.admin import ReadOnlyAdmin
from hrapi.audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "at",
        "action",
        "user",
        "user_id",
        "address",
        "command",
        "request_id",
        "what",
    )
    list_filter = ("action",)
    search_fields = ("=user", "=user_id", "=request_id", "=address")
    date_hierarchy = "at"
