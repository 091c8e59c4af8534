from __future__ import annotations

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from reports.visualizations.bodies import MAX_CHARTS, MAX_DESCRIPTION, MAX_SITES
from reports.visualizations.models import Dashboard, Share, Visualization
from reports.visualizations.openapi_specification import SpecificationField
from reports.visualizations.selectors import Shown, may_change, visible
from reports.visualizations.shared_charts import FREEZING
from reports.visualizations.sharing import DEFAULT_DAYS, MAX_DAYS

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
    specification = SpecificationField()
    created_at = serializers.SerializerMethodField(help_text="Null for a standard chart.")
    updated_at = serializers.SerializerMethodField(help_text="Null for a standard chart.")
    figure = serializers.SerializerMethodField()
    png = serializers.SerializerMethodField()
    svg = serializers.SerializerMethodField()
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
    def get_png(self, shown: Shown) -> str:
        return self._address("png", shown)

    @extend_schema_field(serializers.URLField())
    def get_svg(self, shown: Shown) -> str:
        return self._address("svg", shown)

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
    specification = SpecificationField()


class DashboardSerializer(serializers.ModelSerializer[Dashboard]):
    """Charts that are looked at together, in this order: those that you may look at.

    Who may change the dashboard is told of all, to send them again.
    """

    owner = serializers.SerializerMethodField(help_text="Name of the account; empty for nobody's.")
    may_change = serializers.SerializerMethodField(
        help_text="Whether you may change and delete it."
    )
    charts = serializers.SerializerMethodField(
        help_text="Ids of visualizations, and names of standard charts."
    )

    class Meta:
        model = Dashboard
        fields = [
            "id", "title", "owner", "is_team", "may_change", "charts", "created_at", "updated_at",
        ]  # fmt: skip

    def get_owner(self, dashboard: Dashboard) -> str:
        return dashboard.owner.get_username() if dashboard.owner else ""

    def get_may_change(self, dashboard: Dashboard) -> bool:
        return may_change(self.context["request"].user, dashboard)

    @extend_schema_field({"type": "array", "items": KEY})
    def get_charts(self, dashboard: Dashboard) -> list[int | str]:
        if self.get_may_change(dashboard):
            return list(dashboard.charts)
        return [key for key in dashboard.charts if str(key) in self._visible]

    @cached_property
    def _visible(self) -> frozenset[str]:
        return frozenset(shown.key for shown in visible(self.context["request"].user))


class DashboardOrderSerializer(serializers.Serializer[Any]):
    """What is saved of a dashboard. It describes; `bodies` reads."""

    title = serializers.CharField(max_length=255)
    is_team = serializers.BooleanField(required=False, default=False)
    charts = serializers.ListField(child=KeyField(), required=False, max_length=MAX_CHARTS)


class FreezingSerializer(serializers.Serializer[Any]):
    """Of when a frozen chart is, and what tells whether it is still the same."""

    taken_at = serializers.DateTimeField()
    data_version = serializers.CharField(help_text="Of the tables that it was made of.")
    sha256 = serializers.CharField(help_text="Of its CSV file.")


class ShareSerializer(serializers.ModelSerializer[Share]):
    """A link to a chart, but for its token. One that is `frozen` shows the chart of that time."""

    created_by = serializers.CharField(source="created_by.username")
    frozen = serializers.SerializerMethodField()

    class Meta:
        model = Share
        fields = [
            "id", "visualization", "created_by", "formats", "frozen", "embed_on", "created_at",
            "expires_at", "revoked_at", "last_used_at",
        ]  # fmt: skip

    @extend_schema_field(FreezingSerializer(allow_null=True))
    def get_frozen(self, share: Any) -> dict[str, str] | None:
        if share.sha256 is None:
            return None
        return {name: getattr(share, name) for name in FREEZING}


class NewShareSerializer(ShareSerializer):
    """A new link. Its address and its token are shown this once. It describes; the view adds them."""

    url = serializers.URLField()
    token = serializers.RegexField("^[A-Za-z0-9_-]{43}$")

    class Meta(ShareSerializer.Meta):
        fields = [*ShareSerializer.Meta.fields, "url", "token"]


class ShareOrderSerializer(serializers.Serializer[Any]):
    """What a link is to be. It describes; `bodies` reads."""

    formats = serializers.ListField(
        child=serializers.ChoiceField(choices=Share.Format.choices),
        required=False,
        min_length=1,
        help_text="What it offers; all of them unless it is said.",
    )
    expires_days = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_DAYS, default=DEFAULT_DAYS
    )
    frozen = serializers.BooleanField(
        required=False, default=False, help_text="Whether it goes on showing what there is now."
    )
    embed_on = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MAX_SITES,
        help_text="Sites like https://wiki.example.com, whose pages may show it in a frame.",
    )
