"""Charts as figures, pictures and files, and how they are saved."""

from __future__ import annotations

from http import HTTPStatus

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hrapi.api.query import check_query
from reports.visualizations import bodies
from reports.visualizations.openapi import CHANGE, DELETE, LIST, READ, SAVE, VisualizationSchema
from reports.visualizations.selectors import find, find_saved, visible
from reports.visualizations.serializers import VisualizationSerializer
from reports.visualizations.services import (
    change_visualization,
    delete_visualization,
    save_visualization,
)

_READERS = {
    "title": bodies.title,
    "description": bodies.description,
    "is_team": bodies.is_team,
    "specification": bodies.specification,
}


class OwnedView(APIView):
    """Looking takes the right to view `model`, making to add, changing and deleting one's own to change."""

    model = "visualization"
    schema = VisualizationSchema()
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    @property
    def required_permission(self) -> str:
        verbs = {"POST": "add", "PATCH": "change", "DELETE": "change"}
        return f"visualizations.{verbs.get(self.request.method or '', 'view')}_{self.model}"


class VisualizationsView(OwnedView):
    """The charts that you may look at: the standard ones first, then those that are saved, by age."""

    @extend_schema(**LIST)
    def get(self, request: Request) -> Response:
        check_query(request, known=())
        context = {"request": request}
        found = visible(request.user)
        return Response(VisualizationSerializer(found, many=True, context=context).data)

    @extend_schema(**SAVE)
    def post(self, request: Request) -> Response:
        """Saves a chart: what is to be drawn, never what is drawn."""
        check_query(request, known=())
        fields = bodies.read_fields(request, _READERS)
        bodies.need(fields, "title", "specification")
        key = str(save_visualization(request.user, **fields).pk)
        location = request.build_absolute_uri(reverse("visualizations-detail", args=[key]))
        response = _answer(request, key)
        response.status_code = HTTPStatus.CREATED
        response["Location"] = location
        return response


class VisualizationView(OwnedView):
    """One chart. Changing and deleting it is its owner's, and of those of the team also an administrator's."""

    @extend_schema(**READ)
    def get(self, request: Request, key: str) -> Response:
        check_query(request, known=())
        return _answer(request, key)

    @extend_schema(**CHANGE)
    def patch(self, request: Request, key: str) -> Response:
        check_query(request, known=())
        saved = find_saved(request.user, key)
        change_visualization(request.user, saved, **bodies.read_fields(request, _READERS))
        return _answer(request, key)

    @extend_schema(**DELETE)
    def delete(self, request: Request, key: str) -> Response:
        """Deletes it, with the links to it."""
        check_query(request, known=())
        delete_visualization(request.user, find_saved(request.user, key))
        return Response(status=HTTPStatus.NO_CONTENT)


def _answer(request: Request, key: str) -> Response:
    shown = find(request.user, key)
    return Response(VisualizationSerializer(shown, context={"request": request}).data)
