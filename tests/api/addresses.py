"""Every address of the URL conf, so that a test which walks them cannot forget a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

# Of OData: the set itself; with a key the address would be another one for each set.
_SAMPLES = {"app_label": "auth", "key": ""}


def all_addresses() -> list[str]:
    """One path for each pattern, with 1 for each id."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: list[Any], prefix: str) -> Iterator[str]:
    for entry in patterns:
        pattern = prefix + _written(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, pattern)
        elif isinstance(entry, URLPattern):
            yield re.sub(
                r"<(?:\w+:)?(\w+)>",
                lambda match: _SAMPLES.get(match[1], "1"),
                f"/{pattern}".replace("//", "/"),
            )


def _written(pattern: Any) -> str:
    """With what is given by name in angle brackets."""
    text = str(pattern)
    return simplify_regex(text).removeprefix("/") if isinstance(pattern, RegexPattern) else text
