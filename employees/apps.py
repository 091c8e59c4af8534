from __future__ import annotations

from django.apps import AppConfig


class EmployeesConfig(AppConfig):
    name = "employees"

    def ready(self) -> None:
        from employees.models import Employee
        from employees.rows import EmployeeRow
        from hrapi.tables import Table, register

        register(Table(name="employees", model=Employee, row=EmployeeRow))
