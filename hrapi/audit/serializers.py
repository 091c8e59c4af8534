from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hrapi.audit.models import AuditEvent


@extend_schema_field({"type": "object"})
class WhatField(serializers.JSONField):
    """An object, whose members depend on the action."""


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """Who did what, when, and from where."""

    what = WhatField(help_text="Ids, counts, names of tables and accounts.")

    class Meta:
        model = AuditEvent
        fields = [
            "id",
            "at",
            "action",
            "user",
            "user_id",
            "address",
            "request_id",
            "command",
            "what",
        ]
        read_only_fields = fields
