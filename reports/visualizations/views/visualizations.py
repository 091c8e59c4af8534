"""The charts there are, and how one's own are saved, changed and deleted."""

from __future__ import annotations

from http import HTTPStatus

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.query import check_query
from reports.visualizations import bodies
from reports.visualizations.openapi import CHANGE, DELETE, LIST, READ, SAVE
from reports.visualizations.selectors import Shown, as_shown, find, find_saved, visible
from reports.visualizations.serializers import VisualizationSerializer
from reports.visualizations.services import (
    change_visualization,
    delete_visualization,
    save_visualization,
)
from reports.visualizations.views.owned import OwnedView

_READERS = {
    "title": bodies.title,
    "description": bodies.description,
    "is_team": bodies.is_team,
    "specification": bodies.specification,
}


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
        saved = save_visualization(request.user, **fields)
        location = request.build_absolute_uri(reverse("visualizations-detail", args=[saved.pk]))
        response = _answer(request, as_shown(saved))
        response.status_code = HTTPStatus.CREATED
        response["Location"] = location
        return response


class VisualizationView(OwnedView):
    """One chart. Changing and deleting it is its owner's, and of those of the team also an administrator's."""

    @extend_schema(**READ)
    def get(self, request: Request, chart: str) -> Response:
        check_query(request, known=())
        return _answer(request, find(request.user, chart))

    @extend_schema(**CHANGE)
    def patch(self, request: Request, chart: str) -> Response:
        check_query(request, known=())
        saved = find_saved(request.user, chart)
        change_visualization(request.user, saved, **bodies.read_fields(request, _READERS))
        return _answer(request, as_shown(saved))

    @extend_schema(**DELETE)
    def delete(self, request: Request, chart: str) -> Response:
        """Deletes it, with the links to it."""
        check_query(request, known=())
        delete_visualization(request.user, find_saved(request.user, chart))
        return Response(status=HTTPStatus.NO_CONTENT)


def _answer(request: Request, shown: Shown) -> Response:
    return Response(VisualizationSerializer(shown, context={"request": request}).data)
