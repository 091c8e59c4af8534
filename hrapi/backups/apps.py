from __future__ import annotations

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "hrapi.backups"
    label = "backups"
    verbose_name = "Backups"

    def ready(self) -> None:
        from hrapi.backups.metrics import BackupCollector
        from hrapi.metrics import DATABASE

        DATABASE.register(BackupCollector())
