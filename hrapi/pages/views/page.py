"""What every page shares: a login, permissions, and what goes wrong told on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.generic import View

from hrapi.api.handlers import as_problem, problem_headers
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.responses import problem_page
from hrapi.api.throttling import refuse_beyond_limits


class Page(LoginRequiredMixin, PermissionRequiredMixin, View):
    """A page that needs a login. What goes wrong is told on a page, with what was typed."""

    http_method_names = ["get", "head", "post", "options"]
    permission_required: Any = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            refuse_beyond_limits(request, self)
            return super().dispatch(request, *args, **kwargs)
        except Exception as exception:
            problem = as_problem(exception)
            if problem is None:
                raise
            is_logged_in = problem.code is not ProblemCode.NOT_AUTHENTICATED
            page = problem_page(request, problem, may_send_again=is_logged_in)
            for name, value in problem_headers(exception, problem).items():
                page[name] = value
            return page

    def handle_no_permission(self) -> HttpResponseRedirect:
        """To the login; but what somebody has just typed is not lost on the way."""
        if self.request.user.is_authenticated or not self.request.POST:
            return super().handle_no_permission()
        raise ProblemError(
            ProblemCode.NOT_AUTHENTICATED,
            "You have been logged out, and nothing was saved. Log in, and type it again.",
        )

    @property
    def user(self) -> User:
        return cast("User", self.request.user)

    def need(self, permission: str) -> None:
        if not self.user.has_perm(permission):
            raise PermissionDenied

    def action(self, **actions: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """The one that the button of a form names."""
        chosen = self.request.POST.get("action", "")
        if chosen not in actions:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                f"action: choose one of {', '.join(actions)}.",
            )
        return actions[chosen]
