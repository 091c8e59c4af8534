from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from departments.views import DepartmentViewSet
from employees.views import EmployeeViewSet
from hrapi.api.schema import SchemaView
from hrapi.api.token_views import TokenViewSet
from hrapi.api.views import ApiRootView, DocsView, LoginView, LogoutView, MetricsView
from hrapi.audit.views import AuditEventViewSet
from hrapi.health import HealthView, ReadinessView
from hrapi.ingestion.log_views import (
    BatchCorrectionsView,
    BatchViewSet,
    CorrectionsView,
    RejectedRowViewSet,
)
from hrapi.loads.views import LoadCorrectionsView, LoadViewSet
from jobs.views import JobViewSet

router = DefaultRouter(use_regex_path=True)
router.include_format_suffixes = False
router.include_root_view = False
router.register("departments", DepartmentViewSet, basename="departments")
router.register("jobs", JobViewSet, basename="jobs")
router.register("employees", EmployeeViewSet, basename="employees")
router.register("batches", BatchViewSet, basename="batches")
router.register("loads", LoadViewSet, basename="loads")
router.register("auth/tokens", TokenViewSet, basename="tokens")
router.register("audit-events", AuditEventViewSet, basename="audit-events")
router.register("rejected-rows", RejectedRowViewSet, basename="rejected-rows")

api = [
    path("", ApiRootView.as_view(), name="api-root"),
    path(
        "batches/<int:pk>/rejected-rows.csv",
        BatchCorrectionsView.as_view(),
        name="batches-rejected-rows-file",
    ),
    path(
        "loads/<int:pk>/rejected-rows.csv",
        LoadCorrectionsView.as_view(),
        name="loads-rejected-rows-file",
    ),
    path("rejected-rows.csv", CorrectionsView.as_view(), name="rejected-rows-file"),
    path("", include(router.urls)),
    path("reports/", include("reports.urls")),
    path("datasets/", include("reports.datasets.urls")),
    path("", include("reports.visualizations.urls")),
    path("auth/login/", LoginView.as_view(), name="auth-login"),
    path("auth/logout/", LogoutView.as_view(), name="auth-logout"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
]
if settings.OAUTH:
    api.append(path("oauth/", include("hrapi.oauth.urls")))

urlpatterns = [
    path("", include("hrapi.pages.urls")),
    path("", include("reports.pages.urls")),
    path("connect/", include("reports.connecting.urls")),
    path("api/v1/", include(api)),
    path("odata/", include("reports.odata.urls")),
    path("shared/", include("reports.visualizations.public_urls")),
    path("accounts/", include("rest_framework.urls")),
    path("admin/", admin.site.urls),
    path("healthz", HealthView.as_view()),
    path("readyz", ReadinessView.as_view()),
    path("metrics", MetricsView.as_view(), name="metrics"),
]

handler400 = "hrapi.api.handlers.bad_request"
handler403 = "hrapi.api.handlers.permission_denied"
handler404 = "hrapi.api.handlers.not_found"
handler500 = "hrapi.api.handlers.server_error"
