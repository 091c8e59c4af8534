from __future__ import annotations

from django.urls import path

from hrapi.oauth import openapi  # noqa: F401 - drf-spectacular finds what is imported
from hrapi.oauth.views import ClientRevokeView, ClientTokenView

urlpatterns = [
    path("token/", ClientTokenView.as_view(), name="oauth-token"),
    path("revoke/", ClientRevokeView.as_view(), name="oauth-revoke"),
]
