from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "hrapi.api"
    label = "api"
    verbose_name = "Access"
