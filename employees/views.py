from __future__ import annotations

from employees.filters import EmployeeFilterSet
from employees.models import Employee
from employees.serializers import EmployeeRowSerializer
from hrapi.ingestion.views import RowsViewSet


class EmployeeViewSet(RowsViewSet):
    """The hired employees: list them, post a batch, read or change one."""

    queryset = Employee.objects.all()
    serializer_class = EmployeeRowSerializer
    filterset_class = EmployeeFilterSet
