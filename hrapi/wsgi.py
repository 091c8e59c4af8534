from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import parse_header_parameters

from hrapi.source import source_digest


class UTF8Request(WSGIRequest):
    """A request whose address and form are UTF-8.

    Django reads them in the charset that the type of the body names: of a CSV file in UTF-16 it would
    misread the parameters, and at a charset that is none it would fail before any view.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(
            meta.get("CONTENT_TYPE", "")
        )


class Application(WSGIHandler):
    request_class = UTF8Request

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Of HEAD the headers alone, with the length that GET has; what would be streamed is not made."""
        response: Any = super().get_response(request)
        if request.method == "HEAD":
            if response.streaming:
                response.streaming_content = ()
            elif response.content:
                response.headers.setdefault("Content-Length", str(len(response.content)))
                response.content = b""
        return response  # type: ignore[no-any-return]


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hrapi.settings")
django.setup(set_prefix=False)
source_digest()
application = Application()
