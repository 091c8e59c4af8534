"""Charts one by one: the list of them, and the page of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from hrapi.api.problems import ProblemError
from hrapi.api.throttling import count_report
from hrapi.pages.views.page import Page
from reports.charts.asked import askable
from reports.charts.counting import chart_data
from reports.charts.definition import Chart
from reports.charts.drawn import Drawn
from reports.pages.asked import Asked, looked_at
from reports.pages.filters import filter_over
from reports.rejections import rejections_left_out
from reports.visualizations.selectors import find, find_saved, may_change, visible
from reports.visualizations.services import delete_visualization
from reports.visualizations.years import years_of_hires

VIEW = "visualizations.view_visualization"


class ChartPage(Page):
    """A page about charts."""

    permission_required: Any = VIEW

    def drawn(self, chart: Chart, title: str) -> dict[str, Any]:
        """The context of a chart, or of why it cannot be drawn."""
        count_report(self.user)
        try:
            data = chart_data(chart)
        except ProblemError as error:
            return {"problem": error.detail}
        return {"drawn": Drawn(title, chart, data, rejections_left_out(chart.dataset))}


class VisualizationsPage(ChartPage):
    """All charts that the user may look at."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        found = visible(self.user)
        context = {
            "place": "charts",
            "standard": [shown for shown in found if shown.is_standard],
            "own": [shown for shown in found if _is_of(self.user, shown)],
            "others": [
                shown for shown in found if not shown.is_standard and not _is_of(self.user, shown)
            ],
        }
        return render(request, "reports/visualizations.html", context)


class VisualizationPage(ChartPage):
    """One of them: drawn, in words, as a table, and what its figures mean. The owner deletes it here."""

    def get(self, request: HttpRequest, chart: str) -> HttpResponse:
        shown = find(self.user, chart)
        takes = askable(shown.chart)
        asked = Asked.of(request.GET, known=takes)
        years = years_of_hires() if "year" in takes else []
        looked = looked_at(shown, asked)
        year = looked.chart.parameters.get("year")
        has_own = not (shown.is_standard and "year" in shown.chart.parameters)
        context = self.drawn(looked.chart, shown.title) | {
            "place": "charts",
            "shown": shown,
            "query": looked.query,
            "filter": filter_over(
                asked,
                years,
                year=int(year) if year else None,
                own_year="as saved" if has_own else "",
                takes=takes,
            ),
            "may_change": shown.visualization and may_change(self.user, shown.visualization),
        }
        return render(request, "reports/visualization.html", context)

    def post(self, request: HttpRequest, chart: str) -> HttpResponse:
        saved = find_saved(self.user, chart)
        return self.action(delete=lambda: self._delete(request, saved))()

    def _delete(self, request: HttpRequest, saved: Any) -> HttpResponse:
        delete_visualization(self.user, saved)
        messages.success(request, f"{saved.title} was deleted, with the links to it.")
        return redirect("visualizations-page")


def _is_of(user: Any, shown: Any) -> bool:
    return shown.visualization is not None and shown.visualization.owner_id == user.pk
