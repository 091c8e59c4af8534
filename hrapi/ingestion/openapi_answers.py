"""What posting, replacing and changing rows is answered with, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hrapi.api.openapi import ProblemSerializer
from hrapi.ingestion.batches import MAX_BATCH_ROWS
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.models import Batch
from hrapi.ingestion.serializers import FaultSerializer


class RowRejectionSerializer(serializers.Serializer[Any]):
    """One row that was not taken, with all of its faults."""

    index = serializers.IntegerField(min_value=0, help_text="Position in what was sent, from 0.")
    line = serializers.IntegerField(
        min_value=1, allow_null=True, help_text="Physical line in the file, from 1."
    )
    id = serializers.IntegerField(
        min_value=1, allow_null=True, help_text="The row's own id, where readable."
    )
    rejected_row = serializers.IntegerField(
        min_value=1, allow_null=True, help_text="Its id in `rejected-rows/`; null of a dry run."
    )
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class BatchAnswerSerializer(serializers.Serializer[Any]):
    """What became of the rows: received = inserted + unchanged + rejected + not_attempted."""

    batch = serializers.IntegerField(
        allow_null=True, help_text="Id of the record in `batches/`; null of a dry run."
    )
    table = serializers.CharField()
    mode = serializers.ChoiceField(choices=Batch.Mode.choices)
    dry_run = serializers.BooleanField()
    received = serializers.IntegerField(min_value=1, max_value=MAX_BATCH_ROWS)
    inserted = serializers.IntegerField(min_value=0)
    unchanged = serializers.IntegerField(min_value=0)
    rejected = serializers.IntegerField(min_value=0)
    not_attempted = serializers.IntegerField(
        min_value=0, help_text="Good rows of an atomic batch that was undone."
    )
    replayed = serializers.IntegerField(
        min_value=1,
        required=False,
        help_text="Rows rejected earlier for lack of what this batch has brought, taken in now.",
    )
    rejected_rows = RowRejectionSerializer(many=True)


class RejectedBatchSerializer(BatchAnswerSerializer, ProblemSerializer):
    """A problem that also says what became of the rows. `code` is that of the first fault."""

    code = serializers.ChoiceField(choices=list(RowCode))


class UnchangedRowSerializer(ProblemSerializer):
    """A row that was not changed, with all faults of what was sent. `code` is that of the first."""

    code = serializers.ChoiceField(choices=list(RowCode))
    batch = None  # type: ignore[assignment]
    errors = FaultSerializer(many=True)  # type: ignore[assignment]
