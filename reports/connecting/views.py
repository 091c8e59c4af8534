"""The page that tells how tools read the datasets, and the files that it offers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from hrapi.pages.views.page import Page
from reports.connecting.files import odc, pbids
from reports.connecting.tools import Reader, token_order, tools_for
from reports.datasets.reading import readable_datasets, visible_columns
from reports.datasets.registry import get_dataset
from reports.sql_views.definitions import view_of

_EXAMPLE = "hires"


class _ConnectPage(Page):
    http_method_names = ["get", "head", "options"]

    @property
    def reader(self) -> Reader:
        return Reader(self.request.build_absolute_uri("/"), self.user.get_username())


class ConnectPage(_ConnectPage):
    """For each tool what to paste, with the reader's own address and datasets."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = readable_datasets(self.user)
        seen = {dataset.name: visible_columns(dataset, self.user) for dataset in found}
        example = next(
            (each for each in found if each.name == _EXAMPLE), found[0] if found else None
        )
        context = {
            "place": "connect",
            "datasets": [(each, view_of(each, seen[each.name])) for each in found],
            "reader": self.reader,
            "example": example,
            "token_order": token_order(self.reader),
            "tools": tools_for(self.reader, example, seen[example.name]) if example else (),
        }
        return render(request, "reports/connect.html", context)


class PowerBIFile(_ConnectPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _file(pbids(self.reader), "application/json", "hiring-data.pbids")


class ExcelFile(_ConnectPage):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        try:
            dataset = get_dataset(name)
        except LookupError:
            raise Http404 from None
        self.need(dataset.permission)
        return _file(odc(self.reader, dataset), "text/x-ms-odc", f"{name}.odc")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
