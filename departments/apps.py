from __future__ import annotations

from django.apps import AppConfig


class DepartmentsConfig(AppConfig):
    name = "departments"

    def ready(self) -> None:
        from departments.models import Department
        from departments.rows import DepartmentRow
        from hrapi.tables import Table, register

        register(Table(name="departments", model=Department, row=DepartmentRow))
