from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from hrapi.ingestion.idempotency import purge_answers


class Command(BaseCommand):
    help = (
        "Removes what is kept for a time only: answers to requests with an Idempotency-Key that are older than "
        "IDEMPOTENCY_HOURS."
    )
    # They would import every view; `manage.py check` runs them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge_answers():,} kept answers removed.")
