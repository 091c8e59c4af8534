from __future__ import annotations

from departments.filters import DepartmentFilterSet
from departments.models import Department
from departments.serializers import DepartmentRowSerializer
from hrapi.ingestion.views import RowsViewSet


class DepartmentViewSet(RowsViewSet):
    """The departments: list them, post a batch, read or change one."""

    queryset = Department.objects.all()
    serializer_class = DepartmentRowSerializer
    filterset_class = DepartmentFilterSet
