from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from hrapi.ingestion.codes import RowCode


class Batch(models.Model):
    """What one request or one loaded file did. Refused requests are kept too, with the reason and no rows."""

    class Source(models.TextChoices):
        API = "api"
        COMMAND = "command"
        RESUBMISSION = "resubmission"
        REPLAY = "replay"
        UNDO = "undo"

    class Mode(models.TextChoices):
        PARTIAL = "partial"
        ATOMIC = "atomic"

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=63)
    source = models.CharField(max_length=16, choices=Source.choices)
    file_name = models.TextField(blank=True)
    mode = models.CharField(max_length=16, choices=Mode.choices)
    received = models.BigIntegerField(default=0)
    inserted = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    not_attempted = models.BigIntegerField(default=0)
    refused_code = models.CharField(max_length=64, blank=True)
    refused_detail = models.TextField(blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    undoes = models.BigIntegerField(null=True, blank=True, help_text="The batch that it undid.")
    removed = models.BigIntegerField(default=0, help_text="Rows that it removed by that.")
    undone_by = models.BigIntegerField(null=True, blank=True, help_text="The batch that undid it.")

    class Meta:
        db_table = "batches"
        verbose_name_plural = "batches"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="batch_counts_add_up",
                condition=Q(
                    received=F("inserted") + F("unchanged") + F("rejected") + F("not_attempted")
                ),
            ),
            models.CheckConstraint(
                name="batch_counts_not_negative",
                condition=Q(
                    inserted__gte=0, unchanged__gte=0, rejected__gte=0, not_attempted__gte=0
                ),
            ),
            models.CheckConstraint(
                name="batch_refused_has_no_rows", condition=Q(refused_code="") | Q(received=0)
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.table}"


class KeptAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, for when it is sent again."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=16)
    path = models.TextField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request.")
    status = models.SmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "kept_answers"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key", "method", "path"], name="kept_answers_once"
            )
        ]

    def __str__(self) -> str:
        return f"answer {self.pk} to {self.method} {self.path}"


class RejectedRow(models.Model):
    """A row that could not be taken, kept as it was sent until somebody has dealt with it."""

    class Status(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        SUPERSEDED = "superseded"
        DISCARDED = "discarded"

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rejected_rows")
    table = models.CharField(max_length=63)
    index = models.BigIntegerField(help_text="Position in what was sent, from 0.")
    line = models.BigIntegerField(null=True, help_text="Physical line in the file, from 1.")
    row_id = models.BigIntegerField(null=True, help_text="The row's own id, where readable.")
    # Empty when it is no longer kept: forgetting.py.
    raw = models.TextField(help_text="The row as it was sent: JSON in ASCII, at most 16 KiB.")
    raw_length = models.IntegerField(help_text="Characters of the whole row, before it was cut.")
    errors = models.JSONField(help_text="Each fault: field, code, message and value.")
    codes = ArrayField(models.CharField(max_length=64, choices=[(c, c) for c in RowCode]))
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of table and content.")
    created_at = models.DateTimeField(auto_now_add=True)
    history = models.JSONField(default=list, help_text="What was done with it, event by event.")

    class Meta:
        db_table = "rejected_rows"
        indexes = [
            models.Index(
                fields=["row_id"], condition=Q(status="open"), name="rejected_rows_open_row_id"
            )
        ]
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["content_hash"],
                condition=Q(status="open"),
                name="rejected_rows_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"rejected row {self.pk} of {self.table}"

    @property
    def is_kept(self) -> bool:
        """Whether what was sent is still there."""
        return bool(self.raw)

    @property
    def raw_truncated(self) -> bool:
        return self.raw_length > len(self.raw)


class RowChange(models.Model):
    """What a stored row held before it was changed or removed."""

    # `print_grants` lets the service add to it, and nothing else.
    append_only = True

    class Action(models.TextChoices):
        CHANGED = "changed"
        DELETED = "deleted"
        UNDONE = "undone"

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    batch_id = models.BigIntegerField(null=True, help_text="The batch that had brought the row.")
    batch_line = models.BigIntegerField(null=True, help_text="The line of its file.")
    action = models.CharField(max_length=16, choices=Action.choices)
    # Empty when it was erased.
    before = models.JSONField(help_text="The row's fields before.")
    undo = models.BigIntegerField(null=True, help_text="The batch that undid that one.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        db_table = "row_changes"
        indexes = [models.Index(fields=["row_id", "table"], name="row_changes_row")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"change {self.pk} of {self.table} {self.row_id}"
