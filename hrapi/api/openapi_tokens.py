"""The OpenAPI description of tokens with a name and scopes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from hrapi.api.openapi import JSON, problem_responses
from hrapi.api.openapi_access import TOO_MANY_TOKENS
from hrapi.api.problems import ProblemCode
from hrapi.api.token_serializers import NewTokenSerializer, TokenOrderSerializer
from hrapi.ingestion.openapi_stewardship import REFUSALS

_ORDER_EXAMPLE = {"name": "nightly load", "scopes": ["ingest"], "expires_days": 365}
_TOKEN_EXAMPLE = {
    "id": 7,
    "name": "nightly load",
    "user": "loader",
    "scopes": ["ingest"],
    "created": "2021-11-07T02:48:42.317581Z",
    "expiry": "2022-11-07T02:48:42.317581Z",
    "last_used_at": None,
    "token": "0b5b78b2ef35c19aaf59896a7a4413ce9b203e0b08d7effc8b79a51c91d63157",
}
_PROBLEMS = (
    REFUSALS
    | TOO_MANY_TOKENS
    | {
        ProblemCode.INVALID_PARAMETER: "expires_days: Send a number of days from 1 to 3650.",
        ProblemCode.PERMISSION_DENIED: "Log in with the password, not with a token.",
    }
)

MAKE_TOKEN: dict[str, Any] = {
    "operation_id": "make_token",
    "summary": "Make a token with a name and scopes",
    "request": {JSON: TokenOrderSerializer},
    "responses": {
        201: OpenApiResponse(
            NewTokenSerializer,
            description="The token",
            examples=[OpenApiExample("A token", value=_TOKEN_EXAMPLE)],
        ),
        **problem_responses(_PROBLEMS),
    },
    "examples": [OpenApiExample("For a nightly load", value=_ORDER_EXAMPLE, request_only=True)],
}
END_TOKEN: dict[str, Any] = {
    "operation_id": "end_token",
    "summary": "End a token",
    "responses": {204: OpenApiResponse(description="The token no longer works")},
}
