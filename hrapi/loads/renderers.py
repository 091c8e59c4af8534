"""The pages of loads: a form to send a file, and how far a load is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from rest_framework.request import Request

from hrapi.api.renderers import BrowsableRenderer
from hrapi.ingestion.parsing.csv_record import DELIMITERS
from hrapi.loads.models import Load
from hrapi.loads.permissions import may_add_rows
from hrapi.tables import all_tables

_NAME_OF_DELIMITER = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


class LoadRenderer(BrowsableRenderer):
    template = "hrapi/load.html"

    def get_rendered_html_form(self, data: Any, view: Any, method: str, request: Request) -> Any:
        return None

    def get_raw_data_form(self, data: Any, view: Any, method: str, request: Request) -> Any:
        return None

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        context = super().get_context(data, accepted_media_type, renderer_context)
        user = renderer_context["request"].user
        tables = [table.name for table in all_tables() if may_add_rows(user, table)]
        is_load = isinstance(data, dict) and {"sha256", "state"} <= data.keys()
        is_list = renderer_context["view"].action in ("list", "create") and not is_load
        # Of a batch that is gone there is nothing to show.
        has_answer = is_load and (data["dry_run"] or data["batch"])
        is_finished = is_load and data["state"] == Load.State.FINISHED
        return context | {
            "load": data if is_load else None,
            "loads": data["results"] if isinstance(data, dict) and "results" in data else None,
            "address": reverse("loads-detail", args=[data["id"]]) if is_load else None,
            "is_unended": is_load and data["state"] in Load.UNENDED,
            "answer": data if is_finished and has_answer else None,
            "tables": tables if is_list else [],
            "delimiters": [_NAME_OF_DELIMITER[delimiter] for delimiter in DELIMITERS],
            "display_edit_forms": False,
        }
