"""Batches and rejected rows, to look at. They are changed by taking and correcting rows only."""

from __future__ import annotations

from django.contrib import admin

from hrapi.api.admin import ReadOnlyAdmin
from hrapi.ingestion.models import Batch, RejectedRow


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "table", "source", "file_name", "mode", "received", "inserted", "unchanged",
        "rejected", "not_attempted", "refused_code", "user", "created_at",
    )  # fmt: skip
    list_filter = ("table", "source", "mode", "refused_code")
    list_select_related = ("user",)
    date_hierarchy = "created_at"


@admin.register(RejectedRow)
class RejectedRowAdmin(ReadOnlyAdmin):
    list_display = ("id", "batch_id", "table", "index", "line", "row_id", "codes", "status")
    list_filter = ("status", "table")
    search_fields = ("=row_id", "=batch__id")
