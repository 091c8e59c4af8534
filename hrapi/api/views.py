"""The endpoints that belong to no table: the way in, what there is, metrics."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from knox import views as knox_views
from knox.models import AuthToken
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from hrapi.api.authentication import BasicAuthentication, TokenAuthentication
from hrapi.api.openapi_access import LOGIN, LOGOUT, ROOT
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import check_query
from hrapi.api.tokens import make_token
from hrapi.metrics import exposition


class LoginView(knox_views.LoginView):
    """Makes a token for the user whose name and password the Basic header holds. It is shown once.

    A token cannot make further tokens.
    """

    authentication_classes = [BasicAuthentication]
    permission_classes = [IsAuthenticated]

    def create_token(self) -> tuple[AuthToken, str]:
        return make_token(self.request.user, name="login")

    @extend_schema(**LOGIN)
    def post(self, request: Request) -> Response:
        """`{"expiry": "2022-02-05T02:48:42Z", "token": "…"}`"""
        check_query(request, known=())
        if request.auth is not None:
            raise ProblemError(
                ProblemCode.PERMISSION_DENIED, "Log in with the password, not with a token."
            )
        response: Response = super().post(request)
        return response


class LogoutView(knox_views.LogoutView):
    """Ends the token that the request carries."""

    authentication_classes = [BasicAuthentication, TokenAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(**LOGOUT)
    def post(self, request: Request) -> Response:
        """204; the token no longer works."""
        check_query(request, known=())
        if request.auth is None:
            raise ProblemError(
                ProblemCode.CONFLICT, "There is no token to end: send it to be ended."
            )
        response: Response = super().post(request)
        return response


class ApiRootView(APIView):
    """Everything there is, with its address."""

    permission_classes = [IsAuthenticated]
    names = [
        "departments-list",
        "jobs-list",
        "employees-list",
        "batches-list",
        "rejected-rows-list",
        "loads-list",
        "quarterly-hires",
        "departments-above-mean",
        "datasets",
        "visualizations",
        "dashboards",
        "shares",
        "tokens-list",
        "audit-events-list",
        "docs",
        "schema",
    ]

    @extend_schema(**ROOT)
    def get(self, request: Request) -> Response:
        check_query(request, known=())
        return Response(
            {name.removesuffix("-list"): reverse(name, request=request) for name in self.names}
        )


class DocsView(SpectacularSwaggerSplitView):
    """The pages of the OpenAPI schema."""

    url_name = "schema"

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        # Its renderer can only render the page.
        return HttpResponse(headers={"Allow": ", ".join(self.allowed_methods)})


class MetricsView(APIView):
    """Metrics in the text format of Prometheus."""

    required_permission = "ingestion.view_batch"
    schema = None

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
