"""Where whoever is logged in changes the own password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy

from hrapi.pages.password_form import OwnPasswordForm
from hrapi.pages.views.page import Page


class PasswordPage(Page, PasswordChangeView):
    """A new password ends tokens and sessions, but for the session that it is changed in."""

    form_class = OwnPasswordForm
    template_name = "pages/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
        messages.success(self.request, "Your password is changed, and your tokens have ended.")
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}
