"""How batches and rejected rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hrapi.api.names import SEES_SENT
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.correction_file import describe_errors
from hrapi.ingestion.hiding import without_sent
from hrapi.ingestion.models import Batch, RejectedRow, RowChange

_CHUNK_ROWS = 2000
ABSENT = "Absent for who may not see names of people."
ACTIONS = ["superseded", "resolved", "discarded", "reopened", "rejected", "erased"]


class HideableTextField(serializers.CharField):
    """A text that may quote what was sent; null when it is empty."""

    def __init__(self, help_text: str = "", **options: Any) -> None:
        help_text = f"{help_text} {ABSENT}".strip()
        super().__init__(required=False, allow_null=True, help_text=help_text, **options)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """What one request or one loaded file did. A refused request has no rows, but the reason."""

    user = serializers.CharField(
        source="user.username", default=None, read_only=True, allow_null=True
    )
    refused_code = serializers.SerializerMethodField(
        help_text="Why the whole request was refused, or null."
    )
    refused_detail = HideableTextField()
    file_name = serializers.CharField(required=False, help_text=ABSENT)

    class Meta:
        model = Batch
        fields = [
            "id",
            "table",
            "source",
            "file_name",
            "mode",
            "received",
            "inserted",
            "unchanged",
            "rejected",
            "not_attempted",
            "refused_code",
            "refused_detail",
            "user",
            "created_at",
            "finished_at",
            "undoes",
            "removed",
            "undone_by",
        ]
        read_only_fields = fields

    @extend_schema_field(
        {"anyOf": [{"$ref": "#/components/schemas/ProblemCode"}, {"type": "null"}]}
    )
    def get_refused_code(self, batch: Batch) -> str | None:
        return batch.refused_code or None


@extend_schema_field({"type": ["string", "number", "boolean"]})
class SentValueField(serializers.JSONField):
    """A harmless value, or a text of what was not."""


class FaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with one row."""

    field = serializers.CharField(allow_null=True, help_text="Null for the whole row.")
    code = serializers.ChoiceField(choices=[code.value for code in RowCode])
    message = serializers.CharField()
    value = SentValueField(
        allow_null=True,
        required=False,
        help_text=f"What was sent; escaped and shortened where needed. {ABSENT}",
    )

    def to_representation(self, fault: dict[str, Any]) -> dict[str, Any]:
        if not self.context.get(SEES_SENT, False):
            return without_sent(fault)
        shown: dict[str, Any] = super().to_representation(fault)
        return shown


class HistorySerializer(serializers.Serializer[Any]):
    """One thing that was done with a rejected row."""

    at = serializers.DateTimeField()
    action = serializers.ChoiceField(choices=ACTIONS)
    batch = serializers.IntegerField(
        allow_null=True, help_text="The batch that did it, by bringing the row."
    )
    user = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class RejectedRowSerializer(serializers.ModelSerializer[RejectedRow]):
    """A row that could not be taken, as it was sent, with all of its faults."""

    errors = FaultSerializer(many=True, read_only=True)  # type: ignore[assignment]
    raw = HideableTextField(
        help_text="The row as it was sent: JSON in ASCII, at most 16 KiB. Null: it is no longer kept."
    )
    raw_truncated = serializers.BooleanField(required=False, help_text=ABSENT)
    history = HistorySerializer(many=True, read_only=True)

    class Meta:
        model = RejectedRow
        fields = [
            "id",
            "batch",
            "table",
            "index",
            "line",
            "row_id",
            "status",
            "errors",
            "raw",
            "raw_truncated",
            "created_at",
            "history",
        ]
        read_only_fields = fields


class BroughtBySerializer(serializers.ModelSerializer[Batch]):
    """The batch that something came with."""

    file_name = serializers.CharField(required=False, help_text=ABSENT)
    user = serializers.CharField(
        source="user.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = Batch
        fields = ["id", "source", "file_name", "user", "created_at"]
        read_only_fields = fields

    def to_representation(self, batch: Batch) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(batch)
        if not self.context.get(SEES_SENT, False):
            del shown["file_name"]
        return shown


class RowChangeSerializer(serializers.ModelSerializer[RowChange]):
    """What a row was before it was changed or removed."""

    user = serializers.CharField(
        source="user.username", default=None, read_only=True, allow_null=True
    )
    before = serializers.SerializerMethodField(
        help_text="The row as it was before; null when it was erased."
    )
    batch = serializers.IntegerField(
        source="batch_id", allow_null=True, help_text="The batch that had brought the row."
    )
    line = serializers.IntegerField(source="batch_line", allow_null=True)

    class Meta:
        model = RowChange
        fields = ["at", "action", "user", "before", "batch", "line", "undo"]
        read_only_fields = fields

    @extend_schema_field({"type": ["object", "null"]})
    def get_before(self, change: RowChange) -> dict[str, Any] | None:
        if not change.before:
            return None
        shown: dict[str, Any] = self.context["shown"](change.before)
        return shown


class TracedRejectionSerializer(serializers.ModelSerializer[RejectedRow]):
    """A time that the row was rejected."""

    batch = BroughtBySerializer(read_only=True)
    errors = FaultSerializer(many=True, read_only=True)  # type: ignore[assignment]
    history = HistorySerializer(many=True, read_only=True)

    class Meta:
        model = RejectedRow
        fields = ["id", "batch", "index", "line", "status", "errors", "created_at", "history"]
        read_only_fields = fields


class TraceSerializer(serializers.Serializer[Any]):
    """Where a row came from and what became of it."""

    table = serializers.CharField()
    id = serializers.IntegerField()
    stored = serializers.BooleanField(help_text="Whether it is stored now.")
    batch = BroughtBySerializer(
        allow_null=True, help_text="What brought the row that is stored; null where nobody knows."
    )
    line = serializers.IntegerField(
        allow_null=True, help_text="Line of the batch's file, from 1; null where there was none."
    )
    changes = RowChangeSerializer(many=True)
    rejected_rows = TracedRejectionSerializer(source="rejections", many=True)


def serialized_rows(
    serializer: serializers.BaseSerializer[Any], queryset: QuerySet[Any]
) -> Iterator[Sequence[Any]]:
    """The rows as the serializer shows them, one at a time, for CSV. Faults become `field: code` texts."""
    for instance in queryset.iterator(chunk_size=_CHUNK_ROWS):
        shown = serializer.to_representation(instance)
        yield [
            _IN_A_CELL[name](value) if name in _IN_A_CELL else value
            for name, value in shown.items()
        ]


def _describe_history(history: Sequence[dict[str, Any]]) -> str:
    """`superseded by batch 5; resolved by batch 7`"""
    return "; ".join(
        event["action"]
        + (f" by batch {event['batch']}" if event["batch"] else "")
        + (f" by {event['user']}" if event["user"] else "")
        for event in history
    )


_IN_A_CELL: dict[str, Callable[[Any], str]] = {
    "errors": describe_errors,
    "history": _describe_history,
}
