"""The page on which a chart is built, looked at, and saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from hrapi.api.problems import ProblemError
from hrapi.api.throttling import count_report
from reports.charts.counting import chart_data
from reports.charts.definition import Chart
from reports.charts.specification import read_chart
from reports.datasets.reading import readable_datasets
from reports.pages.builder import as_form, check_form, chosen_dataset, specification_of
from reports.pages.builder_form import BuilderForm
from reports.pages.views.visualization import ChartPage
from reports.rejections import rejections_left_out
from reports.visualizations import bodies
from reports.visualizations.models import Visualization
from reports.visualizations.pictures import picture
from reports.visualizations.selectors import find, find_saved, may_change
from reports.visualizations.services import change_visualization, save_visualization
from reports.visualizations.years import years_of_hires

_FIRST = "hires"
_MAX_ADDRESS = 4_000
"""Servers and proxies take about twice as much."""


class _Built(ChartPage):
    """The chart is what the address says."""

    permission_required = ("visualizations.view_visualization", "visualizations.add_visualization")

    def chart(self, sent: QueryDict) -> Chart:
        """Raises ProblemError for what cannot be drawn."""
        chart = read_chart(specification_of(sent))
        self.need(chart.dataset.permission)
        return chart


class PreviewPicture(_Built):
    """What is being built as a picture, for browsers that do not draw."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        check_form(request.GET)
        chart = self.chart(request.GET)
        count_report(self.user)
        left_out = rejections_left_out(chart.dataset)
        return picture(chart, chart_data(chart), "", "png", left_out)


class BuilderPage(_Built):
    """The form, with what it makes beside it: one button shows what the fields say, the other saves it."""

    def get(self, request: HttpRequest, chart: str = "") -> HttpResponse:
        saved = self._saved(chart)
        check_form(request.GET)
        return self._page(saved, self._asked(saved), _typed(request.GET, saved))

    def post(self, request: HttpRequest, chart: str = "") -> HttpResponse:
        saved, sent = self._saved(chart), request.POST.copy()
        for name in ("csrfmiddlewaretoken", "action"):
            sent.pop(name, None)
        check_form(sent)
        return self.action(
            show=lambda: self._show(saved, sent), save=lambda: self._save(saved, sent)
        )()

    def _show(self, saved: Visualization | None, sent: QueryDict) -> HttpResponse:
        """At the address that holds the form, unless it would be too long for one."""
        address = f"{self.request.path}?{sent.urlencode()}#chart"
        if len(address) > _MAX_ADDRESS:
            return self._page(saved, sent, _typed(sent))
        return redirect(address)

    def _save(self, saved: Visualization | None, sent: QueryDict) -> HttpResponse:
        typed = _typed(sent)
        try:
            fields = {
                "title": bodies.title(typed["title"]),
                "description": bodies.description(typed["description"]),
                "is_team": typed["is_team"],
                "specification": read_chart(specification_of(sent)).as_json(),
            }
            if saved:
                change_visualization(self.user, saved, **fields)
            else:
                saved = save_visualization(self.user, **fields)
        except ProblemError as error:
            return self._page(saved, sent, typed, alert=error.detail, status=error.status)
        messages.success(self.request, "The chart was saved.")
        return redirect("visualization-page", saved.pk)

    def _page(
        self,
        saved: Visualization | None,
        sent: QueryDict,
        typed: dict[str, Any],
        *,
        alert: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """With an alert about what was sent to be saved."""
        datasets = readable_datasets(self.user)
        if chosen_dataset(sent) not in datasets:
            raise PermissionDenied
        context: dict[str, Any] = {
            "place": "charts",
            "saved": saved,
            "typed": typed,
            "alert": alert,
        }
        try:
            chart = self.chart(sent)
        except ProblemError as error:
            # What is wrong stays in the form, to be mended there.
            context["problem"] = error.detail
        else:
            sent = as_form(chart.as_json())
            context |= self.drawn(chart, typed.get("title") or "The chart")
        context["form"] = BuilderForm(sent, datasets)
        return render(self.request, "reports/builder.html", context, status=status)

    def _saved(self, key: str) -> Visualization | None:
        """What is edited; None where something new is built."""
        if not key:
            return None
        saved = find_saved(self.user, key)
        if not may_change(self.user, saved):
            raise PermissionDenied
        return saved

    def _asked(self, saved: Visualization | None) -> QueryDict:
        """The form in the address, else that of what is saved, or of another chart, or of a first one."""
        if "dataset" in self.request.GET:
            return self.request.GET
        if saved:
            return as_form(saved.specification)
        if "from" in self.request.GET:
            return as_form(find(self.user, self.request.GET["from"]).chart.as_json())
        return self._first()

    def _first(self) -> QueryDict:
        datasets = readable_datasets(self.user)
        if not datasets:
            raise PermissionDenied
        names = [dataset.name for dataset in datasets]
        form = QueryDict(mutable=True)
        form["dataset"] = _FIRST if _FIRST in names else names[0]
        if form["dataset"] == _FIRST and (years := years_of_hires()):
            form["year"] = str(years[0])
        return form


def _typed(sent: QueryDict, saved: Visualization | None = None) -> dict[str, Any]:
    """What stands beside the chart: as it was sent, else as it is saved."""
    if saved and "title" not in sent:
        return {name: getattr(saved, name) for name in ("title", "description", "is_team")}
    return {
        "title": sent.get("title", ""),
        "description": sent.get("description", ""),
        "is_team": "is_team" in sent,
    }
