"""The OpenAPI document: what every operation has in common, and what drf-spectacular cannot see by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated

from hrapi.api.handlers import DATABASE_DETAIL, RETRY_AFTER_SECONDS
from hrapi.api.problems import STATUS_OF_CODE, ProblemCode, problem_body
from hrapi.api.responses import MEDIA_TYPE

JSON, CSV = "application/json", "text/csv"

Responses = dict[tuple[int, str], Any]

_SUMMARIES = {
    "list": "List {plural}",
    "create": "Post {plural}",
    "retrieve": "Read one {singular}",
    "update": "Replace one {singular}",
    "partial_update": "Change one {singular}",
    "destroy": "Delete one {singular}",
}
_LIST_DESCRIPTION = (
    "In the order of ids: JSON in pages, CSV whole (`format=csv` or `Accept: text/csv`; then `page_size`"
    " and `cursor` mean nothing)."
)
_TAG_OF_PATH = {
    "": "access",
    "auth": "access",
    "audit-events": "access",
    "rejected-rows": "rejected rows",
    "dashboards": "visualizations",
    "shares": "visualizations",
}
_RETRY_AFTER: dict[str, Any] = {
    "Retry-After": {
        "schema": {"type": "integer"},
        "required": True,
        "description": "Seconds to wait.",
        "example": RETRY_AFTER_SECONDS,
    }
}
_HEADERS: dict[str, dict[str, Any]] = {
    "401": {
        "WWW-Authenticate": {
            "schema": {"type": "string"},
            "required": True,
            "example": 'Basic realm="Hiring data"',
        }
    },
    "429": _RETRY_AFTER,
    "503": _RETRY_AFTER,
}


# Of a view whose answer may be 304 (`hrapi.api.conditional`).
CONDITIONAL_PARAMETERS = [
    OpenApiParameter(
        "If-None-Match",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="The `ETag` of an answer that the client has kept.",
    ),
    OpenApiParameter(
        "ETag",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        required=True,
        description="Stays the same as long as the answer does.",
        response=[200, 304],
    ),
]
NOT_MODIFIED: Responses = {
    (304, JSON): OpenApiResponse(description="The client has it already: nothing is sent.")
}


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong (RFC 9457). `code` never changes, `detail` may."""

    type = serializers.RegexField("^urn:hrapi:problem:[a-z_]+$")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField(help_text="What was found, what was expected and what to do.")
    code = serializers.ChoiceField(choices=list(ProblemCode))
    batch = serializers.IntegerField(
        required=False, help_text="Id of the record of refused rows, in `batches/`."
    )


def csv_text(example: str = "") -> OpenApiResponse:
    """A response of CSV with a header row."""
    examples = [OpenApiExample("CSV", value=example)] if example else []
    return OpenApiResponse(OpenApiTypes.STR, description="OK", examples=examples)


def problem_responses(details: Mapping[ProblemCode, str], **members: Any) -> Responses:
    """A response for each status that these codes have, with an example for each code.

    `details` are the texts of the examples, `members` their further members.
    """
    codes_of_status: dict[int, list[ProblemCode]] = {}
    for code in details:
        codes_of_status.setdefault(int(STATUS_OF_CODE[code]), []).append(code)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            _problem_schema(status, codes),
            description=STATUS_OF_CODE[codes[0]].phrase,
            examples=[
                OpenApiExample(
                    code.value,
                    value=problem_body(status=status, code=code, detail=details[code], **members),
                )
                for code in codes
            ],
        )
        for status, codes in codes_of_status.items()
    }


def _problem_schema(status: int, codes: list[ProblemCode]) -> dict[str, Any]:
    only = {"status": {"const": status}, "code": {"enum": [code.value for code in codes]}}
    return {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": only},
        ]
    }


class ServiceSchema(AutoSchema):
    """Adds to every operation the problems that it can answer with, a tag and a summary."""

    view: Any

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self.resolve_serializer(ProblemSerializer, "response")
        responses = operation["responses"]
        for (status, media_type), response in problem_responses(self.problems()).items():
            if str(status) not in responses:
                responses[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    response, str(status), (media_type,)
                )
        for status_text, headers in _HEADERS.items():
            responses[status_text]["headers"] = headers
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
        return operation | {"responses": dict(sorted(responses.items()))}

    def problems(self) -> dict[ProblemCode, str]:
        """The codes that the operation can answer with, each with the detail of an example."""
        common = {
            ProblemCode.INVALID_PARAMETER: self.invalid_parameter_detail(),
            ProblemCode.NOT_AUTHENTICATED: "Authentication credentials were not provided.",
            ProblemCode.THROTTLED: "Too many logins have failed.",
            ProblemCode.SERVICE_UNAVAILABLE: DATABASE_DETAIL,
        }
        if IsAuthenticated not in self.view.permission_classes:
            common[ProblemCode.PERMISSION_DENIED] = (
                "You do not have permission to perform this action."
            )
        if "{" in self.path:
            common[ProblemCode.NOT_FOUND] = "There is nothing at this address."
        return common

    def invalid_parameter_detail(self) -> str:
        if "{" in self.path:
            return "There is no parameter 'colour' here. Known are: format."
        if self._is_list_view():
            return "page_size: send a whole number from 1 to 1000, not '5000'."
        return "format: choose one of json, api."

    def get_response_serializers(self) -> Any:
        found = super().get_response_serializers()
        if CSV not in self.map_renderers("media_type"):
            return found
        return {(200, JSON): OpenApiResponse(found, description="OK"), (200, CSV): csv_text()}

    def get_override_parameters(self) -> list[Any]:
        if "{id}" not in self.path:
            return []
        schema = {"type": "integer", "minimum": 1}
        return [OpenApiParameter("id", schema, OpenApiParameter.PATH, required=True)]

    def get_tags(self) -> list[str]:
        first = next(iter(super().get_tags()), "")
        return [_TAG_OF_PATH.get(first, first)]

    def get_summary(self) -> str | None:
        queryset = getattr(self.view, "queryset", None)
        if queryset is None:
            return None
        names = queryset.model._meta
        return _SUMMARIES[self.view.action].format(
            singular=names.verbose_name, plural=names.verbose_name_plural
        )

    def get_description(self) -> str:  # type: ignore[override]
        description: str = super().get_description()
        is_list = getattr(self.view, "action", None) == "list"
        return f"{description}\n\n{_LIST_DESCRIPTION}" if is_list else description


class StrictFilterExtension(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """Filters with the values that they really take."""

    target_class = "hrapi.api.filters.StrictFilterBackend"
    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().resolve_filter_field(  # type: ignore[no-untyped-call]
            auto_schema, model, filterset_class, field_name, filter_field
        )
        choices = filter_field.extra.get("choices")
        for parameter in parameters:
            # Forms send the fields that nobody filled in.
            parameter["allowEmptyValue"] = not filter_field.extra["required"]
            if callable(choices):
                parameter["schema"] = {"type": "string", "enum": [value for value, _ in choices()]}
            elif hasattr(filter_field, "openapi_schema"):
                parameter["schema"] = filter_field.openapi_schema
        return parameters
