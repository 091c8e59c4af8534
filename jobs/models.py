from __future__ import annotations

from django.db import models

from hrapi.ingestion.fields import MAX_TEXT_LENGTH
from hrapi.model_fields import TableModel, id_in_range, not_empty


class Job(TableModel):
    job = models.CharField(max_length=MAX_TEXT_LENGTH)

    class Meta:
        db_table = "jobs"
        constraints = [id_in_range("jobs"), not_empty("jobs", "job")]

    def __str__(self) -> str:
        return self.job
