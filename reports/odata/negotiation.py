"""Which form of the answer a client takes: always JSON, of one of a few kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from reports.odata.errors import invalid, not_supported
from reports.odata.options import FORMAT
from reports.odata.paging import MAX_PAGE_ROWS

JSON, XML = "application/json", "application/xml"

_VERSION = re.compile(r"\s*([0-9]{1,3})\.[0-9]{1,3}\b")
_PAGE_SIZE = re.compile(r"\s*(?:odata\.)?maxpagesize\s*=\s*\"?([0-9]{1,9})\"?\s*", re.IGNORECASE)


class OneForm(BaseContentNegotiation):
    """The view has one renderer. What a client would rather have is asked of `json_form`."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@dataclass(frozen=True)
class Form:
    """A kind of JSON: with or without what tells where it is from, large numbers as numbers or as texts."""

    has_context: bool = True
    has_numbers_as_text: bool = False

    @property
    def content_type(self) -> str:
        metadata = "minimal" if self.has_context else "none"
        as_text = ";IEEE754Compatible=true" * self.has_numbers_as_text
        return f"{JSON};odata.metadata={metadata}{as_text};charset=utf-8"


def json_form(request: Request) -> Form:
    """What `$format`, or else the `Accept` header, asks for. Whoever takes no JSON gets it all the same.

    `odata.metadata=full` is answered as `minimal`, and says so. Raises ProblemError for an unknown `$format`.
    """
    asked = request.query_params.get(FORMAT)
    if asked is not None:
        media_type, parameters = _media_range("application/json" if asked == "json" else asked)
        if media_type != JSON:
            raise not_supported(f"{FORMAT}: choose json.")
        return _form(parameters)
    ranges = [_media_range(text) for text in request.headers.get("Accept", "").split(",")]
    of_json = [parameters for media_type, parameters in ranges if media_type == JSON]
    return _form(max(of_json, key=_quality, default={}))


def check_metadata_format(request: Request) -> None:
    if request.query_params.get(FORMAT, "xml") not in ("xml", XML):
        raise not_supported(f"{FORMAT}: choose xml.")


def check_version(request: Request) -> None:
    """Raises ProblemError for a client that does not understand OData 4.0."""
    asked = request.headers.get("OData-MaxVersion")
    if asked is None:
        return
    match = _VERSION.match(asked)
    if match is None or int(match[1]) < 4:
        raise invalid(f"OData-MaxVersion: this is OData 4.0; {asked[:20]!r} does not allow it.")


def page_size(request: Request) -> tuple[int, bool]:
    """The most rows that a page is to have, and whether that is the client's wish. What cannot be read is none."""
    for preference in _preferences(request):
        match = _PAGE_SIZE.fullmatch(preference)
        if match and int(match[1]):
            return min(int(match[1]), MAX_PAGE_ROWS), True
    return MAX_PAGE_ROWS, False


def _preferences(request: Request) -> Iterator[str]:
    for part in request.headers.get("Prefer", "").split(","):
        yield part.partition(";")[0]


def _form(parameters: dict[str, str]) -> Form:
    return Form(
        has_context=parameters.get("odata.metadata") != "none",
        has_numbers_as_text=parameters.get("ieee754compatible") == "true",
    )


def _media_range(text: str) -> tuple[str, dict[str, str]]:
    media_type, *parameters = [part.strip().lower() for part in text.split(";")]
    pairs = (part.partition("=") for part in parameters)
    return media_type, {name.strip(): value.strip(' "') for name, _, value in pairs}


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
