"""The way in: the login, and the page to start from."""

from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hrapi.api.names import may_see_sent
from hrapi.pages import selectors
from hrapi.pages.views.page import Page


class LoginPage(auth_views.LoginView):
    template_name = "pages/login.html"


class StartPage(Page):
    """What there is and what is to be done, as far as the user may see it."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        sees_batches = self.user.has_perm("ingestion.view_batch")
        sees_log = self.user.has_perm("ingestion.view_rejectedrow")
        return render(
            request,
            "pages/start.html",
            {
                "place": "start",
                "sees_sent": may_see_sent(self.user),
                "tables": selectors.tables_of(self.user),
                "to_do": selectors.to_do() if sees_log else [],
                "last_batches": selectors.last_batches() if sees_batches else [],
                "last_loads": selectors.last_loads() if sees_batches else [],
            },
        )
