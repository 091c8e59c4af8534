"""What the views of all that users make have in common."""

from __future__ import annotations

from collections.abc import Mapping

from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from reports.visualizations.openapi import VisualizationSchema


class OwnedView(APIView):
    """Looking takes the right to view `model`, making to add, changing and deleting one's own to change."""

    model = "visualization"
    verbs: Mapping[str, str] = {"POST": "add", "PATCH": "change", "DELETE": "change"}
    schema = VisualizationSchema()
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    @property
    def required_permission(self) -> str:
        verb = self.verbs.get(self.request.method or "", "view")
        return f"visualizations.{verb}_{self.model}"
