"""The OpenAPI description of logging in and of the way in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from hrapi.api.openapi import problem_responses
from hrapi.api.problems import ProblemCode


class BasicScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "hrapi.api.authentication.BasicAuthentication"
    name = "basicAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "User name with the password, or with a token as the password.",
        }


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "hrapi.api.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <token>`, with a token from `auth/login/` or `issue_token`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "hrapi.api.authentication.SessionAuthentication"
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a browser that logged in at `/accounts/login/`.",
        }


class TokenSerializer(serializers.Serializer[Any]):
    """A new token. It is shown this once."""

    expiry = serializers.DateTimeField()
    token = serializers.RegexField("^[0-9a-f]{64}$")


_TOKEN_EXAMPLE = {
    "expiry": "2022-02-05T02:48:42.317581Z",
    "token": "0b5b78b2ef35c19aaf59896a7a4413ce9b203e0b08d7effc8b79a51c91d63157",
}
TOO_MANY_TOKENS = {ProblemCode.CONFLICT: "There are 100 tokens of this user. End one first."}

LOGIN: dict[str, Any] = {
    "operation_id": "login",
    "summary": "Make a token",
    "description": "For the user whose name and password the Basic header holds. The token is shown once.",
    "request": None,
    "responses": {
        200: OpenApiResponse(
            TokenSerializer,
            description="The token",
            examples=[OpenApiExample("A token", value=_TOKEN_EXAMPLE)],
        ),
        **problem_responses(
            TOO_MANY_TOKENS
            | {ProblemCode.PERMISSION_DENIED: "Log in with the password, not with a token."}
        ),
    },
}
LOGOUT: dict[str, Any] = {
    "operation_id": "logout",
    "summary": "End the token",
    "description": "The token that the request carries no longer works.",
    "request": None,
    "responses": {
        204: OpenApiResponse(description="The token no longer works"),
        **problem_responses(
            {ProblemCode.CONFLICT: "There is no token to end: send it to be ended."}
        ),
    },
}
ROOT: dict[str, Any] = {
    "operation_id": "api_root",
    "summary": "List the addresses",
    "responses": {
        200: OpenApiResponse(
            {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
            description="The address of everything there is, by its name",
        )
    },
}
