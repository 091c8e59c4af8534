from __future__ import annotations

from django.apps import AppConfig


class VisualizationsConfig(AppConfig):
    name = "reports.visualizations"
