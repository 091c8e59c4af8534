"""The site of the admin: what every admin of it holds to, whoever has written it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect

_OF_A_FILTER = ("", "__exact", "__isnull", "__in", "__id__exact")
_OF_DATES = ("__year", "__month", "__day", "__gte", "__lt")


class StrictLookups:
    """Lists are filtered by what their `list_filter` and `date_hierarchy` name, and by nothing else.

    Django takes any field of the model and any look-up, by which hashes and names are guessed letter by letter.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Raises BadRequest for others. Django's own refusal is an ERROR in the log that quotes the look-up."""
        if lookup not in _known_lookups(self, request):
            raise BadRequest("There is no such filter here.")
        return True

    def to_field_allowed(self, request: Any, to_field: str) -> bool:
        """The same for `_to_field`, by which a window is told how to find a row."""
        if not super().to_field_allowed(request, to_field):  # type: ignore[misc]
            raise BadRequest("There is no such field here.")
        return True


def _known_lookups(model_admin: Any, request: Any) -> Iterator[str]:
    for item in model_admin.get_list_filter(request):
        yield from (f"{item}{ending}" for ending in _OF_A_FILTER)
    if model_admin.date_hierarchy:
        yield from (f"{model_admin.date_hierarchy}{ending}" for ending in _OF_DATES)


class GuardedSite(admin.AdminSite):
    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        own: Any = admin_class or admin.ModelAdmin
        guarded = type(own.__name__, (StrictLookups, own), {"__module__": own.__module__})
        super().register(model_or_iterable, guarded, **options)

    def password_change(  # type: ignore[override]
        self, request: Any, extra_context: Any = None
    ) -> HttpResponse:
        """The page outside, which counts wrong passwords: here somebody in another's session could guess."""
        return redirect("password-change")
