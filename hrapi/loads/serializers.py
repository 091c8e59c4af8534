"""How loads are read."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hrapi.api.problems import ProblemCode
from hrapi.ingestion.openapi_answers import RowRejectionSerializer
from hrapi.ingestion.serializers import ABSENT, HideableTextField
from hrapi.loads.models import COUNTS, Load
from hrapi.loads.running import MAX_SHOWN_REJECTIONS
from hrapi.loads.selectors import rejected_rows_of


class LoadSerializer(serializers.ModelSerializer[Load]):
    """A file that was sent to be loaded, or lay in a drop folder: how far it is, and what became of it so far."""

    delimiter = serializers.SerializerMethodField(help_text="Null: it is found from the file.")
    progress = serializers.SerializerMethodField(help_text="Percent of the file that are read.")
    received = serializers.IntegerField(source="counts.received", min_value=0, read_only=True)
    inserted = serializers.IntegerField(source="counts.inserted", min_value=0, read_only=True)
    unchanged = serializers.IntegerField(source="counts.unchanged", min_value=0, read_only=True)
    rejected = serializers.IntegerField(source="counts.rejected", min_value=0, read_only=True)
    not_attempted = serializers.IntegerField(
        source="counts.not_attempted", min_value=0, read_only=True
    )
    error_code = serializers.SerializerMethodField(help_text="Why the load failed, or null.")
    error_detail = HideableTextField()
    file_name = serializers.CharField(required=False, help_text=ABSENT)
    user = serializers.CharField(
        source="user.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = Load
        fields = [
            "id",
            "table",
            "date",
            "file_name",
            "bytes",
            "sha256",
            "format",
            "delimiter",
            "encoding",
            "header",
            "mode",
            "dry_run",
            "state",
            "progress",
            "bytes_read",
            "batch",
            *COUNTS,
            "replayed",
            "error_code",
            "error_detail",
            "user",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields

    def get_delimiter(self, load: Load) -> str | None:
        return load.delimiter or None

    @extend_schema_field({"type": "integer", "minimum": 0, "maximum": 100})
    def get_progress(self, load: Load) -> int:
        if load.state == Load.State.FINISHED:
            return 100
        return load.bytes_read * 100 // (load.bytes or 1)

    @extend_schema_field(
        {"anyOf": [{"$ref": "#/components/schemas/ProblemCode"}, {"type": "null"}]}
    )
    def get_error_code(self, load: Load) -> ProblemCode | None:
        return ProblemCode(load.error_code) if load.error_code else None


class LoadDetailSerializer(LoadSerializer):
    """The same, with the first rows that were rejected and the addresses of them all."""

    rejected_rows = serializers.SerializerMethodField()
    rejected_rows_log = serializers.SerializerMethodField(
        help_text="Where all of them are listed; null where there are none."
    )
    rejected_rows_file = serializers.SerializerMethodField(
        help_text="All of them as a file to correct and send again; null where there are none."
    )

    class Meta(LoadSerializer.Meta):
        fields = [
            *LoadSerializer.Meta.fields,
            "rejected_rows_log",
            "rejected_rows_file",
            "rejected_rows",
        ]
        read_only_fields = fields

    @extend_schema_field(RowRejectionSerializer(many=True))
    def get_rejected_rows(self, load: Load) -> Any:
        rejected = rejected_rows_of(load, at_most=MAX_SHOWN_REJECTIONS)
        return RowRejectionSerializer(rejected, many=True, context=self.context).data

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_rejected_rows_log(self, load: Load) -> str | None:
        return self._address(load, f"{reverse('rejected-rows-list')}?batch={load.batch_id}")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_rejected_rows_file(self, load: Load) -> str | None:
        return self._address(load, reverse("loads-rejected-rows-file", args=[load.pk]))

    def _address(self, load: Load, path: str) -> str | None:
        if load.dry_run or not load.counts["rejected"]:
            return None
        address: str = self.context["request"].build_absolute_uri(path)
        return address
