from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from hrapi.ingestion.files import FORMATS, HEADERS, FileOptions
from hrapi.ingestion.models import Batch

COUNTS = ("received", "inserted", "unchanged", "rejected", "not_attempted")


class Load(models.Model):
    """A file that was sent to be loaded, or lay in a drop folder: how far it is, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=63)
    date = models.DateField(
        null=True, help_text="The day of a file of a drop folder, which its name says; else null."
    )
    file_name = models.TextField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=16, choices=[(name, name) for name in FORMATS])
    delimiter = models.CharField(max_length=16, blank=True, help_text="Empty: found from the file.")
    encoding = models.CharField(max_length=64)
    header = models.CharField(max_length=16, choices=[(name, name) for name in HEADERS])
    mode = models.CharField(max_length=16, choices=Batch.Mode.choices)
    dry_run = models.BooleanField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    bytes_read = models.BigIntegerField(default=0)
    # Without a constraint, like the batch of a stored row: restoring batches must not wait for loads.
    batch = models.ForeignKey(
        Batch, null=True, on_delete=models.SET_NULL, db_constraint=False, related_name="+"
    )
    replayed = models.BigIntegerField(default=0)
    dry_run_answer = models.JSONField(null=True, help_text="What a batch would have held.")
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.TextField(blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    UNENDED = (State.WAITING, State.RUNNING)

    class Meta:
        db_table = "loads"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["table", "sha256"], name="loads_of_file"),
            models.Index(
                fields=["id"], condition=Q(state__in=["waiting", "running"]), name="loads_unended"
            ),
        ]

    def __str__(self) -> str:
        return f"load {self.pk} of {self.table}"

    @property
    def file_options(self) -> FileOptions:
        return FileOptions(
            format=self.format,  # type: ignore[arg-type] # one of the choices
            encoding=self.encoding,
            delimiter=self.delimiter or None,
            header=self.header,  # type: ignore[arg-type] # one of the choices
        )

    @property
    def is_drop(self) -> bool:
        """Whether the file lies in a drop folder; else its parts are kept in the database."""
        return self.date is not None

    @property
    def has_ended(self) -> bool:
        return self.state not in self.UNENDED

    @property
    def counts(self) -> dict[str, int]:
        """What has become of its rows so far; in atomic mode and of a dry run, nothing before the end."""
        if self.dry_run_answer is not None:
            return {name: self.dry_run_answer[name] for name in COUNTS}
        return {name: getattr(self.batch, name, 0) for name in COUNTS}


class LoadPart(models.Model):
    """A part of the file of a load, kept until the load has ended."""

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "load_parts"
        constraints = [models.UniqueConstraint(fields=["load", "number"], name="load_parts_once")]

    def __str__(self) -> str:
        return f"part {self.number} of load {self.load_id}"
