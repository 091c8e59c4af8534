from __future__ import annotations

from django.urls import path

from reports.views import DepartmentsAboveMeanView, QuarterlyHiresView

urlpatterns = [
    path("quarterly-hires/", QuarterlyHiresView.as_view(), name="quarterly-hires"),
    path(
        "departments-above-mean/",
        DepartmentsAboveMeanView.as_view(),
        name="departments-above-mean",
    ),
]
