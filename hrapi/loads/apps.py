from __future__ import annotations

from django.apps import AppConfig


class LoadsConfig(AppConfig):
    name = "hrapi.loads"

    def ready(self) -> None:
        from hrapi.loads.metrics import LoadCollector
        from hrapi.metrics import DATABASE

        DATABASE.register(LoadCollector())
