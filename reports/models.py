from __future__ import annotations

from django.db import models


class Report(models.Model):
    """No table: it carries the permission to read reports, which show no person."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("view_report", "Can view reports")]

    def __str__(self) -> str:
        return "reports"
