from __future__ import annotations

from hrapi.ingestion.views import RowsViewSet
from jobs.filters import JobFilterSet
from jobs.models import Job
from jobs.serializers import JobRowSerializer


class JobViewSet(RowsViewSet):
    """The jobs: list them, post a batch, read or change one."""

    queryset = Job.objects.all()
    serializer_class = JobRowSerializer
    filterset_class = JobFilterSet
