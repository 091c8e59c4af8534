from __future__ import annotations

from django.apps import AppConfig


class OAuthConfig(AppConfig):
    """Always installed, so that tables and migrations are the same with OAUTH and without."""

    name = "hrapi.oauth"
    label = "oauth"
    verbose_name = "OAuth"

    def ready(self) -> None:
        from hrapi.oauth.signals import watch_clients

        watch_clients()
