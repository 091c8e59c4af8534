from __future__ import annotations

import sys

from django.apps import AppConfig

from hrapi.logs import print_nameless


class ApiConfig(AppConfig):
    name = "hrapi.api"
    label = "api"
    verbose_name = "Access"

    def ready(self) -> None:
        sys.excepthook = print_nameless
