from __future__ import annotations

from django.contrib.admin import apps


class GuardedAdminConfig(apps.AdminConfig):
    """In place of Django's own."""

    default_site = "hrapi.api.admin_site.GuardedSite"
