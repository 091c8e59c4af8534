from __future__ import annotations

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from hrapi.api.filters import IdFilter
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.tables import all_tables


def _table_choices() -> list[tuple[str, str]]:
    return [(table.name, table.name) for table in all_tables()]


class BatchFilterSet(filters.FilterSet):
    table = filters.ChoiceFilter(choices=_table_choices)
    source = filters.ChoiceFilter(choices=Batch.Source.choices)
    refused = filters.ChoiceFilter(
        choices=[("true", "true"), ("false", "false")],
        method="filter_refused",
        help_text="Requests that were refused as a whole.",
    )

    class Meta:
        model = Batch
        fields = ["table", "source", "refused"]

    def filter_refused(self, queryset: QuerySet, name: str, refused: str) -> QuerySet:
        is_taken = Q(refused_code="")
        return queryset.filter(~is_taken if refused == "true" else is_taken)


class RejectedRowFilterSet(filters.FilterSet):
    table = filters.ChoiceFilter(choices=_table_choices)
    status = filters.ChoiceFilter(choices=RejectedRow.Status.choices)
    code = filters.ChoiceFilter(
        choices=[(code.value, code.value) for code in RowCode],
        method="filter_code",
    )
    batch = IdFilter(field_name="batch_id")
    row_id = IdFilter(field_name="row_id")

    class Meta:
        model = RejectedRow
        fields = ["table", "status", "code", "batch", "row_id"]

    def filter_code(self, queryset: QuerySet, name: str, code: str) -> QuerySet:
        return queryset.filter(codes__contains=[code])


class CorrectionsFilterSet(RejectedRowFilterSet):
    """Of one table, whose columns the file has; and open entries, if nothing else is said."""

    table = filters.ChoiceFilter(choices=_table_choices, required=True)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.form.cleaned_data["status"]:
            queryset = queryset.filter(status=RejectedRow.Status.OPEN)
        filtered: QuerySet = super().filter_queryset(queryset)
        return filtered
