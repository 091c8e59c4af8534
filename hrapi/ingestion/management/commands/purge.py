from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from hrapi.api.counters import purge_counters
from hrapi.api.tokens import purge_access_tokens
from hrapi.ingestion.forgetting import purge_rejected_rows
from hrapi.ingestion.idempotency import purge_answers


class Command(BaseCommand):
    help = (
        "Removes what is kept for a time only: answers to requests with an Idempotency-Key that are older than "
        "IDEMPOTENCY_HOURS; what was sent of rejected rows that were closed more than REJECTED_ROW_DAYS ago; "
        "access tokens of OAuth that have ended; and counters of logins and requests and results of tasks of the "
        "worker that are older than a day."
    )
    # They would import every view; `manage.py check` runs them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge_answers():,} kept answers removed.")
        self.stdout.write(
            f"{purge_rejected_rows():,} rejected rows emptied, which had long been closed."
        )
        self.stdout.write(f"{purge_counters():,} counters removed.")
        self.stdout.write(f"{purge_access_tokens():,} access tokens removed.")
        ended = DBTaskResult.objects.finished()
        results, _ = ended.filter(finished_at__lt=timezone.now() - timedelta(days=1)).delete()
        self.stdout.write(f"{results:,} results of tasks removed.")
