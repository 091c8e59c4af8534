"""Answers for programs, and the browsable API: forms for rows and files, answers that a person can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from pydantic_core import to_json
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request, override_method

MAX_TABLE_ROWS = 1000


class PlainJSONRenderer(JSONRenderer):
    """For answers of texts, finite numbers, booleans, None, lists and dicts by text alone: batches and rows.

    The same JSON as DRF's; an answer of 500 rejections takes a quarter of the time.
    """

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        if data is None or self.get_indent(accepted_media_type or "", context) is not None:
            return bytes(super().render(data, accepted_media_type, context))
        return as_javascript(to_json(data))


def as_javascript(text: bytes) -> bytes:
    """JSON that is JavaScript too, as DRF's is."""
    return text.replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")


class CSVParser(BaseParser):
    """Makes `text/csv` known to forms and to the OpenAPI schema; the views read the body themselves."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raise TypeError("A view that takes CSV reads it with read_rows().")


class BrowsableRenderer(BrowsableAPIRenderer):
    """DRF's pages, with example rows in the forms, a field for a CSV file, and tables instead of bare JSON."""

    template = "hrapi/browsable.html"

    def get_rendered_html_form(self, data: Any, view: Any, method: str, request: Request) -> Any:
        if method != "POST" or not hasattr(view, "example_rows"):
            return super().get_rendered_html_form(data, view, method, request)
        with override_method(view, request, method) as post:
            if not self.show_form_for_method(view, method, post, None):
                return None
        values, example = sent_fields(request), view.example_rows()[0]
        return [
            {
                "field": field,
                "name": name,
                "value": values.get(name, ""),
                # Not as a value: a press of Enter would store somebody who does not exist.
                "example": example.get(name, ""),
            }
            for name, field in view.get_serializer_class()().fields.items()
        ]

    def get_raw_data_form(self, data: Any, view: Any, method: str, request: Request) -> Any:
        form = super().get_raw_data_form(data, view, method, request)
        if form is None:
            return None
        media_types: Any = form.fields["_content_type"]
        choices = [choice for choice in media_types.choices if "form" not in choice[0]]
        if method == "POST" and hasattr(view, "example_rows"):
            form.fields["_content"].initial = json.dumps(
                view.example_rows(), indent=4, ensure_ascii=False
            )
        elif method != "POST":
            choices = choices[:1]
        media_types.choices = choices
        return form

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(data, accepted_media_type, renderer_context)
        is_answer = isinstance(data, dict) and {"received", "rejected_rows"} <= data.keys()
        # Where rows are posted the forms are our own: they keep no filter of the list in their address.
        posts_rows = bool(context["post_form"]) and hasattr(
            renderer_context["view"], "example_rows"
        )
        return context | {
            "answer": data if is_answer else None,
            "shown": None if is_answer else shown_table(data),
            "row_form": context["post_form"] if posts_rows else None,
            "batch_form": context["raw_data_post_form"] if posts_rows else None,
            "display_edit_forms": context["display_edit_forms"] and not posts_rows,
        }


def sent_fields(request: Request) -> dict[str, Any]:
    """What somebody has just filled in, so that nobody fills it in twice.

    Only what the view has read: what it could not read, it has answered, and the page must not try again.
    """
    read = vars(request)
    data = read.get("_full_data")
    if not isinstance(data, QueryDict) or read.get("_files"):
        return {}
    return {name: value for name, value in data.items() if isinstance(value, str)}


def shown_table(data: Any) -> dict[str, Any] | None:
    """Header and rows of a list of flat rows, for the page. None when `data` is something else."""
    rows = data.get("results") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return None
    return {
        "header": list(rows[0]),
        "rows": [[_shown_cell(value) for value in row.values()] for row in rows[:MAX_TABLE_ROWS]],
        "has_more": len(rows) > MAX_TABLE_ROWS,
    }


def _shown_cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, list):
        return "; ".join(map(_shown_item, value))
    return str(value)


def _shown_item(item: Any) -> str:
    """A fault by its field and code, something else that has parts by its name."""
    if not isinstance(item, dict):
        return str(item)
    return f"{item['field'] or 'row'}: {item['code']}" if "code" in item else str(item.get("name"))
