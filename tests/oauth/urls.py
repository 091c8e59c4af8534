"""The addresses as they are with OAUTH=1."""

from __future__ import annotations

from django.urls import include, path

from hrapi import urls
from hrapi.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("api/v1/oauth/", include("hrapi.oauth.urls")), *urls.urlpatterns]
