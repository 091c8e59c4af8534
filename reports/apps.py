from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from reports.sql_views.migrating import create_after, drop_before

        pre_migrate.connect(drop_before, sender=self)
        post_migrate.connect(create_after, sender=self)
