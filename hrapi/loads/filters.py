from __future__ import annotations

from django_filters import rest_framework as filters

from hrapi.api.filters import DateFilter
from hrapi.loads.models import Load
from hrapi.tables import all_tables


class LoadFilterSet(filters.FilterSet):
    table = filters.ChoiceFilter(
        choices=lambda: [(table.name, table.name) for table in all_tables()]
    )
    state = filters.ChoiceFilter(choices=Load.State.choices)
    date_from = DateFilter(field_name="date", lookup_expr="gte")
    date_to = DateFilter(field_name="date", lookup_expr="lte")

    class Meta:
        model = Load
        fields = ["table", "state", "date_from", "date_to"]
