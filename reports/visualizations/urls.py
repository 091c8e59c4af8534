from __future__ import annotations

from django.urls import path

from reports.visualizations.views.dashboards import DashboardsView, DashboardView
from reports.visualizations.views.drawn import DataView, FigureView, PNGView, SVGView
from reports.visualizations.views.shares import SharesOfOneView, SharesView, ShareView
from reports.visualizations.views.visualizations import VisualizationsView, VisualizationView

_ONE = "visualizations/<slug:chart>"

urlpatterns = [
    path("visualizations/", VisualizationsView.as_view(), name="visualizations"),
    path(f"{_ONE}/", VisualizationView.as_view(), name="visualizations-detail"),
    path(f"{_ONE}/figure/", FigureView.as_view(), name="visualizations-figure"),
    path(f"{_ONE}/image.png", PNGView.as_view(), name="visualizations-png"),
    path(f"{_ONE}/image.svg", SVGView.as_view(), name="visualizations-svg"),
    path(f"{_ONE}/data.csv", DataView.as_view(), name="visualizations-csv"),
    path(f"{_ONE}/shares/", SharesOfOneView.as_view(), name="visualizations-shares"),
    path("shares/", SharesView.as_view(), name="shares"),
    path("shares/<int:pk>/", ShareView.as_view(), name="shares-detail"),
    path("dashboards/", DashboardsView.as_view(), name="dashboards"),
    path("dashboards/<int:pk>/", DashboardView.as_view(), name="dashboards-detail"),
]
