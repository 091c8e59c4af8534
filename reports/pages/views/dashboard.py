"""Several charts on a page, which is sent before any of them is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hrapi.api.names import may_see_sent
from hrapi.api.problems import ProblemError
from hrapi.pages.selectors import last_loads
from hrapi.pages.views.page import Page
from reports.datasets.parameters import year_of
from reports.pages.asked import Asked, Looked, looked_at
from reports.pages.filters import FILTERS, filter_over
from reports.pages.selectors import last_backups
from reports.visualizations.selectors import Shown, visible
from reports.visualizations.years import years_of_hires


@dataclass(frozen=True)
class Unfit:
    """A chart that is saved but cannot be drawn any more, and why."""

    shown: Shown
    problem: str


class ChartsPage(Page):
    """A page with a filter for year and departments over all of its charts."""

    permission_required: Any = "visualizations.view_visualization"

    def charts(self, found: Sequence[Shown], *, own_year: str = "") -> dict[str, Any]:
        """The context of the templates. `own_year` is the choice of no year, where there is one."""
        asked = Asked.of(self.request.GET, known=FILTERS)
        years = years_of_hires()
        year = year_of(asked, default=0) or None
        if year is None and not own_year and years:
            year = years[0]
        return {
            "cards": [_card(shown, asked) for shown in found],
            "filter": filter_over(asked, years, year=year, own_year=own_year),
        }


class DashboardPage(ChartsPage):
    """The standard charts, and what else tells how the service does."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        standard = [shown for shown in visible(self.user) if shown.is_standard]
        context = self.charts(standard) | {
            "place": "dashboard",
            "title": "Dashboard",
            "sees_sent": may_see_sent(self.user),
            "last_loads": last_loads() if self.user.has_perm("ingestion.view_batch") else [],
            "last_backups": last_backups() if self.user.has_perm("backups.view_backuprun") else [],
        }
        return render(request, "reports/standard_dashboard.html", context)


def _card(shown: Shown, asked: Asked) -> Looked | Unfit:
    try:
        return looked_at(shown, asked)
    except ProblemError as error:
        return Unfit(shown, error.detail)
