"""Charts that are looked at together."""

from __future__ import annotations

from http import HTTPStatus

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.query import check_query
from reports.visualizations import bodies
from reports.visualizations.models import Dashboard
from reports.visualizations.openapi import (
    CHANGE_DASHBOARD,
    DASHBOARD,
    DASHBOARDS,
    DELETE_DASHBOARD,
    SAVE_DASHBOARD,
)
from reports.visualizations.selectors import dashboards_of, find_dashboard
from reports.visualizations.serializers import DashboardSerializer
from reports.visualizations.services import change_dashboard, delete_dashboard, save_dashboard
from reports.visualizations.views.owned import OwnedView

_READERS = {"title": bodies.title, "is_team": bodies.is_team, "charts": bodies.charts}


class DashboardsView(OwnedView):
    """The dashboards that you may look at, by age."""

    model = "dashboard"

    @extend_schema(**DASHBOARDS)
    def get(self, request: Request) -> Response:
        check_query(request, known=())
        found = dashboards_of(request.user)
        context = {"request": request}
        return Response(DashboardSerializer(found, many=True, context=context).data)

    @extend_schema(**SAVE_DASHBOARD)
    def post(self, request: Request) -> Response:
        """Saves which charts are looked at together."""
        check_query(request, known=())
        fields = bodies.read_fields(request, _READERS)
        bodies.need(fields, "title")
        saved = save_dashboard(request.user, **fields)
        location = request.build_absolute_uri(reverse("dashboards-detail", args=[saved.pk]))
        response = _answer(request, saved)
        response.status_code = HTTPStatus.CREATED
        response["Location"] = location
        return response


class DashboardView(OwnedView):
    """One dashboard. Changing and deleting it is its owner's, and of those of the team also an administrator's."""

    model = "dashboard"

    @extend_schema(**DASHBOARD)
    def get(self, request: Request, pk: int) -> Response:
        check_query(request, known=())
        return _answer(request, find_dashboard(request.user, pk))

    @extend_schema(**CHANGE_DASHBOARD)
    def patch(self, request: Request, pk: int) -> Response:
        check_query(request, known=())
        saved = find_dashboard(request.user, pk)
        change_dashboard(request.user, saved, **bodies.read_fields(request, _READERS))
        return _answer(request, saved)

    @extend_schema(**DELETE_DASHBOARD)
    def delete(self, request: Request, pk: int) -> Response:
        """Deletes it. Its charts stay."""
        check_query(request, known=())
        delete_dashboard(request.user, find_dashboard(request.user, pk))
        return Response(status=HTTPStatus.NO_CONTENT)


def _answer(request: Request, saved: Dashboard) -> Response:
    return Response(DashboardSerializer(saved, context={"request": request}).data)
