from __future__ import annotations

from django.conf import settings
from django.db import models


class Erasure(models.Model):
    """That somebody's data were erased: whose, by the id of the row, when and by whom. Never a name."""

    # `print_grants` lets the service add to it, and nothing else.
    append_only = True

    id = models.BigAutoField(primary_key=True)
    record = models.CharField(max_length=64, unique=True, help_text="Name of its file.")
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    erased_at = models.DateTimeField()
    cleared = models.JSONField(help_text="By `table.column`, the ids of what was found by name.")
    counts = models.JSONField(default=dict, help_text="How much was removed, by kind.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "erasures"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"erasure of {self.table} {self.row_id}"
