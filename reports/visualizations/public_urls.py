from __future__ import annotations

from django.urls import path

from reports.visualizations.views.shared import SharedData, SharedFigure, SharedImage, SharedPage

urlpatterns = [
    path("<str:token>/", SharedPage.as_view(), name="shared"),
    path("<str:token>/image.png", SharedImage.as_view(), name="shared-png"),
    path("<str:token>/data.csv", SharedData.as_view(), name="shared-csv"),
    path("<str:token>/figure.json", SharedFigure.as_view(), name="shared-json"),
]
