"""The page on which links to a chart are made, listed and revoked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from hrapi.api.problems import ProblemError
from hrapi.pages.views.page import Page
from reports.visualizations import bodies
from reports.visualizations.models import Share, Visualization
from reports.visualizations.selectors import find_saved, one_of, shares_of
from reports.visualizations.sharing import DEFAULT_DAYS, MAX_DAYS, find_share, make_share, revoke

_TEXTS = {
    "html": "the page",
    "png": "the picture (PNG)",
    "csv": "the numbers (CSV)",
    "json": "the figure (JSON)",
}
_ADDRESSES = {"html": "shared", "png": "shared-png", "csv": "shared-csv", "json": "shared-json"}
_COOKIE = "made_share"
_COOKIE_SECONDS = 60


class SharesPage(Page):
    """A new link is shown on the page that comes after it was made, and never again.

    On the way there only the browser has its token, so that to reload the page makes no other link.
    """

    permission_required = ("visualizations.view_visualization", "visualizations.view_share")

    def get(self, request: HttpRequest, chart: str) -> HttpResponse:
        saved = find_saved(self.user, chart)
        token = request.COOKIES.get(_COOKIE, "")
        share = find_share(token) if token else None
        if share and (share.created_by_id, share.visualization_id) == (self.user.pk, saved.pk):
            page = self._page(saved, made=share, links=self._links(share, token))
        else:
            page = self._page(saved)
        if token:
            page.delete_cookie(_COOKIE, path=request.path, samesite="Strict")
        return page

    def post(self, request: HttpRequest, chart: str) -> HttpResponse:
        saved = find_saved(self.user, chart)
        return self.action(make=lambda: self._make(saved), revoke=lambda: self._revoke(saved))()

    def _make(self, saved: Visualization) -> HttpResponse:
        self.need("visualizations.add_share")
        sent = self.request.POST
        typed: dict[str, Any] = {
            "formats": sent.getlist("formats"),
            "days": sent.get("days", ""),
            "frozen": sent.get("frozen") == "yes",
            "embed_on": sent.get("embed_on", ""),
        }
        try:
            _, token = make_share(
                self.user,
                saved,
                formats=bodies.formats(typed["formats"]),
                days=bodies.expires_days(_number(typed["days"])),
                is_frozen=typed["frozen"],
                embed_on=bodies.embed_on(typed["embed_on"].split()),
            )
        except ProblemError as error:
            return self._page(saved, typed, alert=error.detail, status=error.status)
        page = reverse("visualization-shares", args=[saved.pk])
        response = redirect(page)
        response.set_cookie(
            _COOKIE,
            token,
            max_age=_COOKIE_SECONDS,
            path=page,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
        return response

    def _links(self, share: Share, token: str) -> list[tuple[str, str]]:
        return [
            (_TEXTS[name], self.request.build_absolute_uri(reverse(address, args=[token])))
            for name, address in _ADDRESSES.items()
            if name in share.formats
        ]

    def _revoke(self, saved: Visualization) -> HttpResponse:
        pk = _number(self.request.POST.get("share", "")) or 0
        revoke(one_of(shares_of(self.user).filter(visualization=saved), pk))
        messages.success(self.request, "The link is revoked: it opens nothing any more.")
        return redirect("visualization-shares", saved.pk)

    def _page(
        self,
        saved: Visualization,
        typed: dict[str, Any] | None = None,
        *,
        made: Share | None = None,
        links: list[tuple[str, str]] | None = None,
        alert: str = "",
        status: int = 200,
    ) -> HttpResponse:
        typed = typed or {"formats": ["html", "png", "csv"], "days": DEFAULT_DAYS}
        context = {
            "place": "charts",
            "saved": saved,
            "shares": shares_of(self.user).filter(visualization=saved).order_by("-pk"),
            "formats": [(name, text, name in typed["formats"]) for name, text in _TEXTS.items()],
            "typed": typed,
            "max_days": MAX_DAYS,
            "made": made,
            "links": links,
            "alert": alert,
        }
        return render(self.request, "reports/shares.html", context, status=status)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
