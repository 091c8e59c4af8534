from __future__ import annotations

from django_filters import rest_framework as filters

from hrapi.api.filters import TextFilter
from jobs.models import Job


class JobFilterSet(filters.FilterSet):
    job = TextFilter(help_text="Part of the name, upper or lower case.")

    class Meta:
        model = Job
        fields = ["job"]
