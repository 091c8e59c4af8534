"""Dashboards that people put together of charts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from hrapi.api.problems import ProblemError
from hrapi.pages.views.page import Page
from reports.pages.views.dashboard import ChartsPage
from reports.visualizations import bodies
from reports.visualizations.models import Dashboard
from reports.visualizations.selectors import (
    Shown,
    dashboards_of,
    find_dashboard,
    may_change,
    visible,
)
from reports.visualizations.services import change_dashboard, delete_dashboard, save_dashboard

VIEW = ("visualizations.view_dashboard", "visualizations.view_visualization")
_MORE_PLACES = 4
_LEAST_PLACES = 8


class DashboardsPage(Page):
    """One's own, and those of the team."""

    http_method_names = ["get", "head", "options"]
    permission_required: Any = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"place": "dashboard", "dashboards": dashboards_of(self.user)}
        return render(request, "reports/dashboards.html", context)


class OwnDashboardPage(ChartsPage):
    """Its charts, as far as the reader may look at them. The owner deletes it here."""

    permission_required = VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = find_dashboard(self.user, pk)
        may_see = {shown.key: shown for shown in visible(self.user)}
        found = [may_see[str(key)] for key in dashboard.charts if str(key) in may_see]
        context = self.charts(found, own_year="as each chart has it") | {
            "place": "dashboard",
            "title": dashboard.title,
            "dashboard": dashboard,
            "hidden": len(dashboard.charts) - len(found),
            "may_change": may_change(self.user, dashboard),
        }
        return render(request, "reports/own_dashboard.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = find_dashboard(self.user, pk)
        return self.action(delete=lambda: self._delete(request, dashboard))()

    def _delete(self, request: HttpRequest, dashboard: Dashboard) -> HttpResponse:
        delete_dashboard(self.user, dashboard)
        messages.success(request, f"{dashboard.title} was deleted. Its charts stay.")
        return redirect("dashboards-page")


class DashboardForm(Page):
    """A new dashboard, or changes to one: its charts in the order of the places."""

    permission_required = (*VIEW, "visualizations.add_dashboard")

    def get(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        saved = self._saved(pk)
        return self._page(
            saved,
            title=saved.title if saved else "",
            is_team=saved.is_team if saved else False,
            charts=[str(key) for key in saved.charts] if saved else [],
        )

    def post(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        saved = self._saved(pk)
        title, is_team = request.POST.get("title", ""), "is_team" in request.POST
        charts = [key for key in request.POST.getlist("chart") if key]
        try:
            fields = {
                "title": bodies.title(title),
                "is_team": is_team,
                "charts": bodies.charts([int(key) if key.isdecimal() else key for key in charts]),
            }
            if saved:
                change_dashboard(self.user, saved, **fields)
            else:
                saved = save_dashboard(self.user, **fields)
        except ProblemError as error:
            return self._page(
                saved,
                title=title,
                is_team=is_team,
                charts=charts,
                alert=error.detail,
                status=error.status,
            )
        messages.success(request, "The dashboard was saved.")
        return redirect("own-dashboard", saved.pk)

    def _saved(self, pk: int) -> Dashboard | None:
        if not pk:
            return None
        saved = find_dashboard(self.user, pk)
        if not may_change(self.user, saved):
            raise PermissionDenied
        return saved

    def _page(
        self,
        saved: Dashboard | None,
        *,
        title: str,
        is_team: bool,
        charts: list[str],
        alert: str = "",
        status: int = 200,
    ) -> HttpResponse:
        found = visible(self.user)
        context = {
            "place": "dashboard",
            "saved": saved,
            "title": title,
            "is_team": is_team,
            "places": _places(charts, found),
            "alert": alert,
        }
        return render(self.request, "reports/dashboard_form.html", context, status=status)


def _places(charts: list[str], found: list[Shown]) -> list[list[tuple[str, str, bool]]]:
    """For each place the charts that can stand there: key, title, and whether it does.

    One that is there already, and that this reader may not look at, stays.
    """
    number = min(max(_LEAST_PLACES, len(charts) + _MORE_PLACES), bodies.MAX_CHARTS)
    chosen = [*charts, *[""] * (number - len(charts))]
    titles = {"": "–"} | {shown.key: shown.title for shown in found}
    return [
        [
            (key, title, key == place)
            for key, title in (
                titles if place in titles else {place: f"chart {place}"} | titles
            ).items()
        ]
        for place in chosen
    ]
