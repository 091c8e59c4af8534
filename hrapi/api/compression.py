from __future__ import annotations

import re
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# Pages, and workbooks, which are compressed by themselves.
_LEFT_AS_THEY_ARE = ("text/html", "application/vnd.openxmlformats-")
# Django looks for the word only.
_REFUSES_GZIP = re.compile(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)


class CompressionMiddleware(GZipMiddleware):
    """gzip for what is read by programs, JSON and CSV above all. Django adds up to a hundred random bytes, so that
    nobody can learn from the length what is in it.

    Not pages: they hold secrets of the session and what a stranger can put into an address, side by side (the
    BREACH attack). Not answers to what is sent: they are short, or are waited for.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not _is_read_by_programs(request, response):
            return response
        if _REFUSES_GZIP.search(request.headers.get("Accept-Encoding", "")):
            patch_vary_headers(response, ["Accept-Encoding"])
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed


def _is_read_by_programs(request: HttpRequest, response: HttpResponseBase) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == HTTPStatus.OK
        and not response.get("Content-Type", "text/html").startswith(_LEFT_AS_THEY_ARE)
    )
