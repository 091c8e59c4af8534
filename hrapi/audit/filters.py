from __future__ import annotations

from django_filters import rest_framework as filters

from hrapi.api.filters import IdFilter, MomentFilter
from hrapi.audit.models import AuditEvent


class AuditEventFilterSet(filters.FilterSet):
    action = filters.ChoiceFilter(choices=AuditEvent.Action.choices)
    user = filters.CharFilter(help_text="The whole name.")
    user_id = IdFilter(help_text="The id of the account.")
    since = MomentFilter(field_name="at", lookup_expr="gte", help_text="At this time or later.")
    until = MomentFilter(field_name="at", lookup_expr="lt", help_text="Before this time.")

    class Meta:
        model = AuditEvent
        fields = ["action", "user", "user_id", "since", "until"]
