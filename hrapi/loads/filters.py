from __future__ import annotations

from django_filters import rest_framework as filters

from hrapi.loads.models import Load
from hrapi.tables import all_tables


class LoadFilterSet(filters.FilterSet):
    table = filters.ChoiceFilter(
        choices=lambda: [(table.name, table.name) for table in all_tables()]
    )
    state = filters.ChoiceFilter(choices=Load.State.choices)

    class Meta:
        model = Load
        fields = ["table", "state"]
