"""What every answer below `/odata/` has in common, whoever made it: the version, and the body of errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from hrapi.api.responses import MEDIA_TYPE
from reports.odata.negotiation import Form

PREFIX = "/odata/"


class ODataMiddleware:
    """A problem becomes `{"error": {"code": "not_found", "message": "There is …"}}`, with the same codes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith(PREFIX):
            response["OData-Version"] = "4.0"
            if response.status_code == HTTPStatus.NOT_IMPLEMENTED:
                # To Django it is a fault of ours. It is none: what is not there has been told.
                response._has_been_logged = True  # type: ignore[attr-defined]
            if isinstance(response, HttpResponse) and response["Content-Type"] == MEDIA_TYPE:
                problem = json.loads(response.content)
                error = {"code": problem["code"], "message": problem["detail"]}
                response.content = json.dumps({"error": error}).encode()
                response["Content-Type"] = Form().content_type
                if response.has_header("Content-Length"):
                    response["Content-Length"] = str(len(response.content))
        return response
