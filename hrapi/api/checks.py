"""What `check --deploy` says of settings that are allowed, and seldom meant."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning


@register(Tags.security, deploy=True)
def check_deployment(**options: Any) -> list[CheckMessage]:
    """Warnings, in the words of docs/operations.md."""
    found: list[CheckMessage] = []
    if settings.HTTPS and not settings.NUM_PROXIES:
        hint = "Set NUM_PROXIES to the number of proxies before the service."
        text = "HTTPS=1 without NUM_PROXIES: no X-Forwarded-Proto is believed, so all is taken for http."
        found.append(CheckWarning(text, hint=hint, id="hrapi.W001"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts in ALLOWED_HOSTS."
        text = "ALLOWED_HOSTS=*: whoever asks says which host stands in links and redirects."
        found.append(CheckWarning(text, hint=hint, id="hrapi.W002"))
    return found
