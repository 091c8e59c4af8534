from __future__ import annotations

from django.apps import AppConfig


class QuickstartConfig(AppConfig):
    name = "hrapi.quickstart"
    label = "quickstart"
