from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class VersionsConfig(AppConfig):
    name = "hrapi.versions"
    label = "versions"
    verbose_name = "Versions of data"

    def ready(self) -> None:
        from hrapi.versions.migrating import renew_all

        post_migrate.connect(renew_all, sender=self)
