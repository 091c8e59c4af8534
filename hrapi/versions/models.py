from __future__ import annotations

import uuid

from django.db import models


class DataVersion(models.Model):
    """A mark of a table, which is replaced by a new one in each transaction that changes the table's rows.

    A table has as many as there were writers at one moment: each replaces one that no other has in hand, so that
    nobody waits. Triggers do it (`triggers.py`), and nobody else.
    """

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=63)
    mark = models.UUIDField(default=uuid.uuid4)

    class Meta:
        db_table = "data_versions"
        default_permissions = ()
        indexes = [models.Index(fields=["table", "id"], name="data_versions_of_table")]

    def __str__(self) -> str:
        return f"mark {self.pk} of {self.table}"
