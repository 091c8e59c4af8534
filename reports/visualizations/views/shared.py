"""What a link opens, for anybody: no login is asked for, no session looked at, no cookie set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from rest_framework.exceptions import Throttled

from hrapi.api.counters import count
from hrapi.api.handlers import as_problem, problem_headers
from hrapi.api.middleware import CONTENT_SECURITY_POLICY
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.responses import MEDIA_TYPE, plain_problem
from reports.charts.drawn import Drawn
from reports.charts.figures import figure
from reports.charts.files import csv_file
from reports.rejections import REJECTED_HEADER
from reports.visualizations.models import Share
from reports.visualizations.pictures import picture
from reports.visualizations.shared_charts import FILE_NAME, SharedChart, shared_chart
from reports.visualizations.sharing import find_share, note_use

LOOKS_PER_MINUTE = 60
_WINDOW = timedelta(minutes=1)
_HEADERS = {
    # The address is the key to it.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


@method_decorator(csrf_exempt, name="dispatch")
class SharedView(View):
    """The answer is the same whether a link never was, has ended, or does not offer this format."""

    http_method_names = ["get", "head", "options"]
    format: ClassVar[Share.Format]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Django would answer a session that cannot be one with a cookie to end it.
        request.COOKIES.clear()
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Exception as exception:
            problem = as_problem(exception)
            if problem is None:
                raise
            response = _told(request, problem)
            for name, value in problem_headers(exception, problem).items():
                response[name] = value
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        share = find_share(token)
        if share is None or self.format not in share.formats:
            raise ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
        _refuse_beyond_limit(share)
        shown = shared_chart(share)
        note_use(share)
        response = self.answer(share, shown, token)
        if shown.rejected_rows is not None:
            response[REJECTED_HEADER] = str(shown.rejected_rows)
        return response

    def answer(self, share: Share, shown: SharedChart, token: str) -> HttpResponseBase:
        raise NotImplementedError


class SharedPage(SharedView):
    """The chart on a page, which the pages of named sites may show in a frame."""

    format = Share.Format.HTML

    def answer(self, share: Share, shown: SharedChart, token: str) -> HttpResponseBase:
        context = {
            "shown": shown,
            "drawn": Drawn(shown.title, shown.chart, shown.data, shown.rejected_rows),
            "formats": share.formats,
            "token": token,
        }
        response = HttpResponse(render_to_string("visualizations/shared.html", context))
        if share.embed_on:
            sites = " ".join(share.embed_on)
            response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
                "frame-ancestors 'none'", f"frame-ancestors {sites}"
            )
            # It knows one site or none.
            response.xframe_options_exempt = True
        return response


class SharedImage(SharedView):
    format = Share.Format.PNG

    def answer(self, share: Share, shown: SharedChart, token: str) -> HttpResponseBase:
        return picture(shown.chart, shown.data, shown.title, "png", shown.rejected_rows)


class SharedData(SharedView):
    format = Share.Format.CSV

    def answer(self, share: Share, shown: SharedChart, token: str) -> HttpResponseBase:
        return csv_file(shown.data, FILE_NAME)


class SharedFigure(SharedView):
    """As of the API; of a frozen chart `layout.meta.frozen` says of when it is."""

    format = Share.Format.JSON

    def answer(self, share: Share, shown: SharedChart, token: str) -> HttpResponseBase:
        drawn = figure(shown.chart, shown.data, title=shown.title)
        if shown.freezing:
            drawn["layout"]["meta"]["frozen"] = vars(shown.freezing)
        return JsonResponse(drawn)


def _refuse_beyond_limit(share: Share) -> None:
    key = f"share:{share.pk}"
    found = count([key], window=_WINDOW)[key]
    if found.hits > LOOKS_PER_MINUTE:
        raise Throttled(
            wait=found.seconds_left,
            detail=f"More than {LOOKS_PER_MINUTE} looks in a minute by one link.",
        )


def _told(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    """The problem for a program, a page for a person in a browser; who that is, is not asked."""
    if request.get_preferred_type([MEDIA_TYPE, "text/html"]) == "text/html":
        page = render_to_string("pages/problem.html", {"problem": problem})
        return HttpResponse(page, status=problem.status)
    return plain_problem(status=problem.status, code=problem.code, detail=problem.detail)
