"""Batches and rejected rows, to look at. They are changed by taking and correcting rows only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from hrapi.api.admin import ReadOnlyAdmin
from hrapi.api.names import may_see_sent
from hrapi.ingestion.models import Batch, RejectedRow


class SentAdmin(ReadOnlyAdmin):
    """Of what may hold what was sent: not shown to who may not see names."""

    holds_sent: tuple[str, ...]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return None if may_see_sent(request.user) else self.holds_sent

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        hidden = () if may_see_sent(request.user) else self.holds_sent
        return [name for name in shown if name not in hidden]


@admin.register(Batch)
class BatchAdmin(SentAdmin):
    holds_sent = ("file_name", "refused_detail")
    list_display = (
        "id", "table", "source", "file_name", "mode", "received", "inserted", "unchanged",
        "rejected", "not_attempted", "refused_code", "user", "created_at",
    )  # fmt: skip
    list_filter = ("table", "source", "mode", "refused_code")
    list_select_related = ("user",)
    date_hierarchy = "created_at"


@admin.register(RejectedRow)
class RejectedRowAdmin(SentAdmin):
    holds_sent = ("raw", "raw_length", "errors", "content_hash")
    list_display = ("id", "batch_id", "table", "index", "line", "row_id", "codes", "status")
    list_filter = ("status", "table")
    search_fields = ("=row_id", "=batch__id")
