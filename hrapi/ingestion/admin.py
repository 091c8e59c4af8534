"""Batches and rejected rows, to look at. They are changed by taking and correcting rows only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from hrapi.ingestion.models import Batch, RejectedRow


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


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
