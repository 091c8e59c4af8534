from __future__ import annotations

import sys

from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete

from hrapi.logs import print_nameless


class ApiConfig(AppConfig):
    name = "hrapi.api"
    label = "api"
    verbose_name = "Access"

    def ready(self) -> None:
        from hrapi.api import checks  # noqa: F401 - registers itself
        from hrapi.api.roles import watch_roles
        from hrapi.api.tokens import keep_details, tell_of_end

        sys.excepthook = print_nameless
        watch_roles()
        post_save.connect(keep_details, "knox.AuthToken")
        pre_delete.connect(tell_of_end, "knox.AuthToken")
