from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from hrapi.tables import Table, register
        from jobs.models import Job
        from jobs.rows import JobRow

        register(Table(name="jobs", model=Job, row=JobRow))
