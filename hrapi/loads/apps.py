from __future__ import annotations

from django.apps import AppConfig


class LoadsConfig(AppConfig):
    name = "hrapi.loads"
