from __future__ import annotations

from django_filters import rest_framework as filters

from departments.models import Department
from hrapi.api.filters import TextFilter


class DepartmentFilterSet(filters.FilterSet):
    department = TextFilter(help_text="Part of the name, upper or lower case.")

    class Meta:
        model = Department
        fields = ["department"]
