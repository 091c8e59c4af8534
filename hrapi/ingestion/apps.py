from __future__ import annotations

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "hrapi.ingestion"
    label = "ingestion"
    verbose_name = "Batches and rejected rows"

    def ready(self) -> None:
        from hrapi.ingestion.metrics import IngestionCollector
        from hrapi.metrics import DATABASE

        DATABASE.register(IngestionCollector())
