"""The form in which one rejected row is corrected: what was sent, what somebody typed, and what differs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.resubmission import kept_content
from hrapi.pages.selectors import fault_shown
from hrapi.pages.texts import as_input, shown, visible
from hrapi.tables import Table

LEAVE_OUT = "leave-out"
MAX_UNKNOWN_SHOWN = 20


def input_name(name: str) -> str:
    """Of the input for a field of the row, apart from all else that a form sends."""
    return f"row-{name}"


@dataclass
class FieldShown:
    """One field of the table: its input holds what was typed, else what was sent where an input can hold that."""

    name: str
    help: str
    value: str
    sent: str | None
    """What was sent, None when nothing was."""
    is_held: bool
    """Whether the input holds what was sent."""
    stored: str | None = None
    choices: Sequence[tuple[int, str]] = ()
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def input_name(self) -> str:
        return input_name(self.name)

    @property
    def shows_sent(self) -> bool:
        """Whether what was sent stands in the input, and all of it can be seen there."""
        return self.is_held and self.value == self.sent

    @property
    def described_by(self) -> str:
        """Ids of the texts that a screen reader reads with the input."""
        ids = [f"{self.input_name}-help", f"{self.input_name}-sent"]
        return " ".join([f"{self.input_name}-faults", *ids] if self.faults else ids)


@dataclass
class EntryForm:
    """`unknown` are the fields that the table does not have; `faults` those of no field of the table."""

    fields: list[FieldShown]
    unknown: list[tuple[str, str]]
    unknown_left_out: int
    is_row: bool
    """Whether what was sent can be read as a row."""
    cells: list[str]
    """What was sent, of what was no row: the cells of a CSV record, or one text."""
    faults: list[dict[str, Any]]
    leave_out: bool

    @property
    def first_at_fault(self) -> FieldShown | None:
        return next((each for each in self.fields if each.faults), None)

    @property
    def has_faults(self) -> bool:
        return bool(self.faults or self.first_at_fault or self.unknown)


def entry_form(
    table: Table,
    entry: RejectedRow,
    errors: Sequence[dict[str, Any]],
    typed: Mapping[str, str] | None = None,
    *,
    stored: Mapping[str, str] | None = None,
    choices: Mapping[str, Sequence[tuple[int, str]]] | None = None,
) -> EntryForm:
    """`errors` are faults as the log keeps them, `typed` what the form sent, `stored` the row of that id."""
    content = kept_content(entry)
    typed, stored, choices = typed or {}, stored or {}, choices or {}
    faults = [fault_shown(error) for error in errors]
    fields = []
    for name, info in table.row.model_fields.items():
        sent = (content or {}).get(name)
        held = as_input(sent)
        fields.append(
            FieldShown(
                name=name,
                help=info.description or "",
                value=typed.get(input_name(name), held or ""),
                sent=shown(sent) if name in (content or {}) else None,
                is_held=held is not None,
                stored=stored.get(name),
                choices=choices.get(name, ()),
                faults=[fault for fault in faults if fault["field"] == name],
            )
        )
    unknown = [(visible(n), shown(v)) for n, v in (content or {}).items() if n not in table.fields]
    return EntryForm(
        fields=fields,
        unknown=unknown[:MAX_UNKNOWN_SHOWN],
        unknown_left_out=max(0, len(unknown) - MAX_UNKNOWN_SHOWN),
        is_row=content is not None,
        cells=_cells(entry) if content is None else [],
        # Unknown fields are listed with their values.
        faults=[
            fault
            for fault in faults
            if fault["field"] not in table.fields and fault["code"] != RowCode.UNKNOWN_FIELD
        ],
        leave_out=LEAVE_OUT in typed,
    )


def corrections(table: Table, entry: RejectedRow, typed: Mapping[str, str]) -> dict[str, Any]:
    """What differs from what was sent; fields that nobody touched stay as they were sent, of whatever type.

    Of what was no row, all that was typed.
    """
    content = kept_content(entry)
    found: dict[str, Any] = {}
    for name in table.fields:
        text = typed.get(input_name(name), "")
        if text != (as_input((content or {}).get(name)) or ""):
            found[name] = text
    if LEAVE_OUT in typed:
        found |= {name: None for name in content or {} if name not in table.fields}
    return found


def _cells(entry: RejectedRow) -> list[str]:
    try:
        sent = json.loads(entry.raw)
    except (ValueError, RecursionError):
        # It was cut.
        return [entry.raw]
    if isinstance(sent, list) and all(isinstance(cell, str) for cell in sent):
        return [visible(cell) for cell in sent]
    return [visible(sent) if isinstance(sent, str) else entry.raw]
