"""The endpoint of audit events. They are read, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from hrapi.api.lists import CSVListOnlyViewSet
from hrapi.audit.filters import AuditEventFilterSet
from hrapi.audit.models import AuditEvent
from hrapi.audit.serializers import AuditEventSerializer


class AuditEventViewSet(CSVListOnlyViewSet):
    """Who did what, when, and from where: logins, denials, tokens, roles, exports of names, deletions, backups."""

    queryset = AuditEvent.objects.all()
    serializer_class = AuditEventSerializer
    filterset_class = AuditEventFilterSet

    def csv_rows(self, queryset: QuerySet, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        for row in super().csv_rows(queryset, columns):
            yield [json.dumps(cell) if isinstance(cell, dict) else cell for cell in row]
