"""Erasures, to look at."""

from __future__ import annotations

from django.contrib import admin

from hrapi.api.admin import ReadOnlyAdmin
from hrapi.privacy.models import Erasure


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ("id", "table", "row_id", "erased_at", "user")
    list_select_related = ("user",)
    search_fields = ("=row_id",)
    date_hierarchy = "erased_at"
