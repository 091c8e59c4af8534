from __future__ import annotations

from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "hrapi.schedule"
    label = "schedule"
    verbose_name = "Schedule"
