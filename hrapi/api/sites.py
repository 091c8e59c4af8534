"""Whether a page of another site has sent a request: browsers say so, and programs send neither header."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.permissions import SAFE_METHODS


def is_forged(request: HttpRequest) -> bool:
    """It would change something, and comes neither from a page of the service nor of CSRF_TRUSTED_ORIGINS."""
    if request.method in SAFE_METHODS:
        return False
    if "Origin" in request.headers:
        return not CsrfViewMiddleware(lambda request: HttpResponse())._origin_verified(request)  # type: ignore[attr-defined]
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
