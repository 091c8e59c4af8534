"""Columns and constraints that the tables share. The database holds them too, whoever writes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hrapi.ingestion.fields import MAX_ID


class TableModel(models.Model):
    """A row of a table: its id comes from the client; `batch_id` names the batch that brought it.

    `batch_line` is the line of the file that it came from, from 1; null where there was no file.
    """

    id = models.BigIntegerField(primary_key=True)
    batch_id = models.BigIntegerField(null=True, editable=False)
    batch_line = models.BigIntegerField(null=True, editable=False)

    class Meta:
        abstract = True


# What every stored row carries beside its fields.
BROUGHT_BY = ("batch_id", "batch_line")


def id_in_range(table: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{table}_id_in_range", condition=Q(id__gte=1, id__lte=MAX_ID)
    )


def not_empty(table: str, field: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=f"{table}_{field}_not_empty", condition=~Q(**{field: ""}))
