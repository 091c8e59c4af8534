"""How batches and rejected rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hrapi.ingestion.answers import describe_errors
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.models import Batch, RejectedRow

_CHUNK_ROWS = 2000
ACTIONS = ["superseded", "resolved", "discarded", "reopened"]


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """What one request or one loaded file did. A refused request has no rows, but the reason."""

    user = serializers.CharField(
        source="user.username", default=None, read_only=True, allow_null=True
    )
    refused_code = serializers.SerializerMethodField(
        help_text="Why the whole request was refused, or null."
    )
    refused_detail = serializers.SerializerMethodField()

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
        ]
        read_only_fields = fields

    @extend_schema_field(
        {"anyOf": [{"$ref": "#/components/schemas/ProblemCode"}, {"type": "null"}]}
    )
    def get_refused_code(self, batch: Batch) -> str | None:
        return batch.refused_code or None

    def get_refused_detail(self, batch: Batch) -> str | None:
        return batch.refused_detail or None


@extend_schema_field({"type": ["string", "number", "boolean"]})
class SentValueField(serializers.JSONField):
    """A harmless value, or a text of what was not."""


class FaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with one row."""

    field = serializers.CharField(allow_null=True, help_text="Null for the whole row.")
    code = serializers.ChoiceField(choices=[code.value for code in RowCode])
    message = serializers.CharField()
    value = SentValueField(
        allow_null=True, help_text="What was sent; escaped and shortened where needed."
    )


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
    raw_truncated = serializers.BooleanField(read_only=True)
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
