"""The endpoint of the OpenAPI document."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.query import check_query

# drf-spectacular describes a view through one object of its class, so two threads at once would mix up operations.
_making = Lock()


def served_document() -> Any:
    """The document for the addresses at hand; nothing else of a request changes it. Not to be changed."""
    with _making:
        return make_document(get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=8)
def make_document(urlconf: str, script_prefix: str) -> Any:
    """Takes a second. For no two threads at once. `script_prefix` is in the addresses that the thread makes."""
    generator: Any = SchemaGenerator(urlconf=urlconf)  # type: ignore[no-untyped-call]
    return generator.get_schema(public=True)


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, the same for everybody."""

    schema = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        check_query(request, known=())
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return Response(served_document(), headers=headers)

    def is_expensive(self) -> bool:
        """Writing it out as YAML takes a while."""
        return True
