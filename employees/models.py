from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q

from departments.models import Department
from hrapi.ingestion.fields import MAX_TEXT_LENGTH, MAX_YEAR, MIN_YEAR
from hrapi.model_fields import TableModel, id_in_range, not_empty
from jobs.models import Job


class Employee(TableModel):
    name = models.CharField(max_length=MAX_TEXT_LENGTH)
    datetime = models.DateTimeField()
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="employees")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="employees")

    class Meta:
        db_table = "employees"
        permissions = [("view_names", "Can see the names of employees")]
        indexes = [
            # Covers the reports: a year's hires are counted without reading the table.
            models.Index(
                fields=["datetime"], include=["department", "job"], name="employees_by_datetime"
            ),
        ]
        constraints = [
            id_in_range("employees"),
            not_empty("employees", "name"),
            models.CheckConstraint(
                name="employees_datetime_in_range",
                condition=Q(
                    datetime__gte=datetime(MIN_YEAR, 1, 1, tzinfo=UTC),
                    datetime__lt=datetime(MAX_YEAR + 1, 1, 1, tzinfo=UTC),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"employee {self.pk}"
