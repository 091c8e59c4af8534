from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from hrapi.api.problems import ProblemCode, ProblemError


class LenientNegotiation(DefaultContentNegotiation):
    """What nobody can render is answered in JSON rather than refused; an unknown `?format=` is refused.

    It is not where the method is none of the address: the answer 405 says more.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[Any, str]:
        renderers = list(renderers)
        try:
            if request.query_params.get("format") == "":
                raise Http404
            chosen: tuple[Any, str] = super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type or ""
        except Http404:
            if request.method not in request.parser_context["view"].allowed_methods:
                return renderers[0], renderers[0].media_type or ""
            formats = ", ".join(str(renderer.format) for renderer in renderers)
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER, f"format: choose one of {formats}."
            ) from None
        return chosen
