"""The filter of the work list, in its form and in the addresses of its pages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.harmless import harmless_value
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.stewardship import Selection
from hrapi.pages.texts import in_words, shown, visible
from hrapi.tables import Table, all_tables, get_table

ALL = "all"
_MAX_BIGINT = 2**63 - 1


def _table_choices() -> list[tuple[str, str]]:
    return [("", "any"), *((table.name, table.name) for table in all_tables())]


class WorkFilter(forms.Form):
    """Which entries of the reject log are meant. Of a form that is not valid, none."""

    template_name = "pages/filter.html"

    table = forms.ChoiceField(required=False, choices=_table_choices)
    status = forms.ChoiceField(
        required=False,
        choices=[*((status, status) for status in RejectedRow.Status.values), (ALL, "any")],
    )
    code = forms.ChoiceField(
        required=False,
        label="What is wrong",
        choices=[("", "anything"), *((code.value, in_words(code.value)) for code in RowCode)],
    )
    field = forms.CharField(required=False, max_length=101, label="In the field")
    value = forms.CharField(
        required=False,
        strip=False,
        max_length=500,
        label="Value sent",
        help_text='A number as it is; a text of digits in quotes: "12"',
    )
    batch = forms.IntegerField(required=False, min_value=1, max_value=_MAX_BIGINT)
    row_id = forms.IntegerField(
        required=False, min_value=-_MAX_BIGINT, max_value=_MAX_BIGINT, label="The row's own id"
    )

    @classmethod
    def of(cls, **data: Any) -> WorkFilter:
        return cls({name: value for name, value in data.items() if value is not None})

    @property
    def selection(self) -> Selection:
        """All that the filter says, but for status and id of the row."""
        chosen = self.cleaned_data
        return Selection(
            table=chosen["table"] or None,
            batch=chosen["batch"],
            code=chosen["code"] or None,
            field=chosen["field"] or None,
            value=harmless_value(_read_value(chosen["value"])),
            has_value=bool(chosen["value"]),
        )

    @property
    def status_wanted(self) -> RejectedRow.Status | None:
        """Open, unless another one was chosen; None for any."""
        chosen = self.cleaned_data["status"] or RejectedRow.Status.OPEN
        return None if chosen == ALL else RejectedRow.Status(chosen)

    @property
    def one_table(self) -> Table | None:
        name = self.cleaned_data.get("table")
        return get_table(name) if name else None

    def entries(self, user: Any) -> QuerySet[RejectedRow]:
        """Raises ProblemError when the filter tells of what was sent, and the user may not see that."""
        if not self.is_valid():
            return RejectedRow.objects.none()
        found = self.selection.entries(self.status_wanted, user)
        row_id = self.cleaned_data["row_id"]
        return found if row_id is None else found.filter(row_id=row_id)

    def query(self, **changes: Any) -> str:
        """`?table=employees&code=required`, with some of it changed; None takes a part away."""
        chosen = {name: self.data.get(name) for name in self.fields} | changes
        text = urlencode({name: value for name, value in chosen.items() if value not in (None, "")})
        return f"?{text}" if text else ""

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """What was chosen but for the status, each with its text and the query without it."""
        texts = self.cleaned_data | {"code": in_words(self.cleaned_data["code"])}
        if texts["value"]:
            texts["value"] = shown(_read_value(texts["value"])) or "(empty)"
        return [
            (str(self[name].label), visible(str(texts[name])), self.query(**{name: None}) or "?")
            for name in self.fields
            if name != "status" and texts[name] not in (None, "")
        ]

    @property
    def in_words(self) -> str:
        """`employees, required, batch 8`"""
        return ", ".join(
            f"batch {text}" if label == "Batch" else text for label, text, _ in self.active
        )

    @property
    def of_entries(self) -> str:
        """The query that goes on to the page of an entry, where status and id of the row say nothing."""
        return self.query(status=None, row_id=None)


def _read_value(text: str) -> Any:
    """A value of a fault as somebody types it: JSON where it is a number, a quoted text, true, false or null."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, (dict, list)) else value
