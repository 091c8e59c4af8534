"""The OpenAPI description of access tokens."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from hrapi.api.scopes import Scope

_SCOPES = {
    Scope.INGEST: "Post rows and send files.",
    Scope.READ: "Read tables, batches, loads, the reject log and metrics.",
    Scope.REPORTS: "Read reports.",
    Scope.STEWARDSHIP: "Change and delete rows, undo batches, work on the reject log.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "hrapi.oauth.authentication.BearerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "description": "An access token of a client that `register_client` has made.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": reverse("oauth-token"),
                    "scopes": {scope.value: text for scope, text in _SCOPES.items()},
                }
            },
        }
