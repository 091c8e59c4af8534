from __future__ import annotations

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "hrapi.backups"
    label = "backups"
    verbose_name = "Backups"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from hrapi.backups.metrics import BackupCollector

        REGISTRY.register(BackupCollector())
