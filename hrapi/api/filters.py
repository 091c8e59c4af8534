"""Filters of lists: only known names, only valid values, the same types as in rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as django_filters
from pydantic_core import PydanticCustomError
from rest_framework.request import Request

from hrapi.api.names import refuse_without_names
from hrapi.api.query import check_query
from hrapi.ingestion.fields import MAX_ID, parse_datetime, parse_integer

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class StrictFilterBackend(django_filters.DjangoFilterBackend):
    """django-filter's backend that refuses unknown parameters, on lists and on single rows."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        if getattr(view, "detail", False):
            check_query(request, known=())
            return queryset
        filterset_class = self.get_filterset_class(view, queryset)
        names = filterset_class.base_filters if filterset_class else ()
        of_pages = {"page_size", "cursor"} if view.pagination_class else set()
        check_query(request, known={*names, *of_pages})
        _refuse_hidden(request, view, filterset_class.base_filters if filterset_class else {})
        filtered: QuerySet = super().filter_queryset(request, queryset, view)
        return filtered


def _refuse_hidden(request: Request, view: Any, filters: Mapping[str, Any]) -> None:
    """Who may not see a field may not find out what it holds by a filter either."""
    for name in getattr(view, "hidden_fields", ()):
        for parameter, each in filters.items():
            if each.field_name == name and parameter in request.query_params:
                refuse_without_names(request.user, parameter)


class _IdField(forms.Field):
    def to_python(self, value: Any) -> Any:
        return _parsed(parse_integer, value)


class _MomentField(forms.Field):
    def to_python(self, value: Any) -> Any:
        if value and _DATE.fullmatch(value):
            value = f"{value}T00:00:00Z"
        return _parsed(parse_datetime, value)


class _DateField(forms.Field):
    def to_python(self, value: Any) -> Any:
        if not value:
            return None
        try:
            # It would take other forms of ISO 8601 as well.
            return date.fromisoformat(value if _DATE.fullmatch(value) else "")
        except ValueError:
            raise forms.ValidationError("This is not a date. Write it like 2021-07-27.") from None


def _parsed(parse: Any, text: Any) -> Any:
    if not text:
        return None
    try:
        return parse(text)
    except PydanticCustomError as error:
        raise forms.ValidationError(error.message()) from None


class IdFilter(django_filters.CharFilter):
    """An id, read as in rows."""

    field_class = _IdField
    openapi_schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}


class TextFilter(django_filters.CharFilter):
    """A part of a text, in any case, in Unicode NFC as it is stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(lookup_expr="icontains", **options)

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        filtered: QuerySet = super().filter(queryset, unicodedata.normalize("NFC", value))
        return filtered


class MomentFilter(django_filters.CharFilter):
    """A date and time, read as in rows; a date alone is its first moment in UTC."""

    field_class = _MomentField
    openapi_schema = {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}


class DateFilter(django_filters.CharFilter):
    """A date alone."""

    field_class = _DateField
    openapi_schema = {"type": "string", "format": "date"}
