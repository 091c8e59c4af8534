from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hrapi.api.row_fields import IdField, TextField


class JobRowSerializer(serializers.Serializer[Any]):
    """A job as it is read, and the fields of the form that posts one."""

    id = IdField()
    job = TextField(help_text="Name of the job.")
