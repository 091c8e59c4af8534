from __future__ import annotations

from django.urls import path

from reports.pages.views.builder import BuilderPage, PreviewPicture
from reports.pages.views.dashboard import DashboardPage
from reports.pages.views.own_dashboards import DashboardForm, DashboardsPage, OwnDashboardPage
from reports.pages.views.shares import SharesPage
from reports.pages.views.visualization import VisualizationPage, VisualizationsPage

urlpatterns = [
    path("dashboard/", DashboardPage.as_view(), name="dashboard"),
    path("dashboards/", DashboardsPage.as_view(), name="dashboards-page"),
    path("dashboards/new/", DashboardForm.as_view(), name="dashboard-new"),
    path("dashboards/<int:pk>/", OwnDashboardPage.as_view(), name="own-dashboard"),
    path("dashboards/<int:pk>/edit/", DashboardForm.as_view(), name="dashboard-edit"),
    path("visualizations/", VisualizationsPage.as_view(), name="visualizations-page"),
    path("visualizations/new/", BuilderPage.as_view(), name="visualization-new"),
    path("visualizations/new/image.png", PreviewPicture.as_view(), name="visualization-preview"),
    path("visualizations/<slug:chart>/", VisualizationPage.as_view(), name="visualization-page"),
    path("visualizations/<slug:chart>/edit/", BuilderPage.as_view(), name="visualization-edit"),
    path("visualizations/<slug:chart>/shares/", SharesPage.as_view(), name="visualization-shares"),
]
