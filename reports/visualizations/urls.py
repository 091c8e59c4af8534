from __future__ import annotations

from django.urls import path

from reports.visualizations.figure_views import DataView, FigureView
from reports.visualizations.views import VisualizationsView, VisualizationView

urlpatterns = [
    path("visualizations/", VisualizationsView.as_view(), name="visualizations"),
    path("visualizations/<slug:key>/", VisualizationView.as_view(), name="visualizations-detail"),
    path("visualizations/<slug:key>/figure/", FigureView.as_view(), name="visualizations-figure"),
    path("visualizations/<slug:key>/data.csv", DataView.as_view(), name="visualizations-csv"),
]
