from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hrapi.api.row_fields import IdField, TextField


class DepartmentRowSerializer(serializers.Serializer[Any]):
    """A department as it is read, and the fields of the form that posts one."""

    id = IdField()
    department = TextField(help_text="Name of the department.")
