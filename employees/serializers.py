from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hrapi.api.row_fields import IdField, MomentField, TextField


class EmployeeRowSerializer(serializers.Serializer[Any]):
    """An employee as it is read, and the fields of the form that posts one."""

    id = IdField()
    name = TextField(help_text="Name and surname.")
    datetime = MomentField(
        help_text="Date and time of the hire, like 2021-11-07T02:48:42Z; without an offset it is UTC."
    )
    department_id = IdField(help_text="Id of a department that exists.")
    job_id = IdField(help_text="Id of a job that exists.")
