from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "hrapi.audit"
    label = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from hrapi.audit.signals import watch_logins

        watch_logins()
