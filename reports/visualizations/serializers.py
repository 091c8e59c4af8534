from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from reports.visualizations.bodies import MAX_DESCRIPTION
from reports.visualizations.models import Visualization
from reports.visualizations.selectors import Shown, may_change

KEY = {"oneOf": [{"type": "integer"}, {"type": "string"}]}


@extend_schema_field(KEY)
class KeyField(serializers.Field[Any, Any, Any, Any]):
    """The id of what is saved, the name of a standard chart."""

    def to_representation(self, value: str | int) -> str | int:
        return int(value) if str(value).isdigit() else value


class VisualizationSerializer(serializers.Serializer[Any]):
    """A chart: a standard one, or one that is saved."""

    id = KeyField(source="key")
    title = serializers.CharField()
    description = serializers.CharField()
    owner = serializers.CharField(help_text="Name of the account; empty for nobody's.")
    is_team = serializers.BooleanField(help_text="Whether everybody may look at it.")
    is_standard = serializers.BooleanField()
    may_change = serializers.SerializerMethodField(
        help_text="Whether you may change and delete it."
    )
    specification = serializers.DictField()
    created_at = serializers.SerializerMethodField(help_text="Null for a standard chart.")
    updated_at = serializers.SerializerMethodField(help_text="Null for a standard chart.")
    figure = serializers.SerializerMethodField()
    csv = serializers.SerializerMethodField()

    def get_may_change(self, shown: Shown) -> bool:
        saved = shown.visualization
        return saved is not None and may_change(self.context["request"].user, saved)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_created_at(self, shown: Shown) -> str | None:
        return _moment(shown.visualization, "created_at")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_updated_at(self, shown: Shown) -> str | None:
        return _moment(shown.visualization, "updated_at")

    @extend_schema_field(serializers.URLField())
    def get_figure(self, shown: Shown) -> str:
        return self._address("figure", shown)

    @extend_schema_field(serializers.URLField())
    def get_csv(self, shown: Shown) -> str:
        return self._address("csv", shown)

    def _address(self, what: str, shown: Shown) -> str:
        request = self.context["request"]
        return str(reverse(f"visualizations-{what}", args=[shown.key], request=request))


def _moment(saved: Visualization | None, name: str) -> str | None:
    if saved is None:
        return None
    return serializers.DateTimeField().to_representation(getattr(saved, name))


class VisualizationOrderSerializer(serializers.Serializer[Any]):
    """What is saved of a chart. It describes; `bodies` reads."""

    title = serializers.CharField(max_length=255)
    description = serializers.CharField(
        required=False, max_length=MAX_DESCRIPTION, allow_blank=True
    )
    is_team = serializers.BooleanField(
        required=False, default=False, help_text="Whether everybody may look at it."
    )
    specification = serializers.DictField(help_text="docs/charts.md says what it may hold.")
