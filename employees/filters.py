from __future__ import annotations

from django_filters import rest_framework as filters

from employees.models import Employee
from hrapi.api.filters import IdFilter, MomentFilter, TextFilter


class EmployeeFilterSet(filters.FilterSet):
    department_id = IdFilter(field_name="department_id")
    job_id = IdFilter(field_name="job_id")
    hired_from = MomentFilter(
        field_name="datetime", lookup_expr="gte", help_text="Hired at this time or later."
    )
    hired_before = MomentFilter(
        field_name="datetime", lookup_expr="lt", help_text="Hired before this time."
    )
    name = TextFilter(
        help_text="Part of the name, upper or lower case. Refused to who may not see names."
    )

    class Meta:
        model = Employee
        fields = ["department_id", "job_id", "hired_from", "hired_before", "name"]
