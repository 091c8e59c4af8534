from __future__ import annotations

from django_filters import rest_framework as filters

from jobs.models import Job


class JobFilterSet(filters.FilterSet):
    job = filters.CharFilter(
        lookup_expr="icontains", help_text="Part of the name, upper or lower case."
    )

    class Meta:
        model = Job
        fields = ["job"]
