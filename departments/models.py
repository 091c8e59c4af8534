from __future__ import annotations

from django.db import models

from hrapi.ingestion.fields import MAX_TEXT_LENGTH
from hrapi.model_fields import TableModel, id_in_range, not_empty


class Department(TableModel):
    department = models.CharField(max_length=MAX_TEXT_LENGTH)

    class Meta:
        db_table = "departments"
        constraints = [
            id_in_range("departments"),
            not_empty("departments", "department"),
        ]

    def __str__(self) -> str:
        return self.department
