from __future__ import annotations

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "hrapi.ingestion"
    label = "ingestion"
    verbose_name = "Batches and rejected rows"
