"""Entries of the reject log, chosen by what a person knows of them, are discarded or opened again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from hrapi.api.names import refuse_without_names
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.recording import Action, record
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.harmless import harmless_name, harmless_value
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.sent import Fault
from hrapi.ingestion.transactions import in_transaction
from hrapi.ingestion.writing import history_event, set_status
from hrapi.tables import all_tables

MAX_REASON_CHARACTERS = 1000
MAX_IDS = 1000
MAX_RECORDED_IDS = 100
_FILTERS = ("table", "batch", "code", "field", "value", "id")


@dataclass(frozen=True)
class Selection:
    """Entries of the reject log, by what a person knows of them."""

    table: str | None = None
    batch: int | None = None
    code: str | None = None
    value: Any = None
    id: tuple[int, ...] | None = None
    has_value: bool = False
    field: str | None = None
    """Of the fault with that code and value."""

    def entries(self, status: RejectedRow.Status | None, user: Any) -> QuerySet[RejectedRow]:
        """Those with that status; of every status for None.

        Raises ProblemError when they are chosen by what was sent and the user may not see that, nor guess it.
        """
        if self.has_value:
            refuse_without_names(user, "A choice by value")
        if self.field is not None and not any(self.field in t.fields for t in all_tables()):
            refuse_without_names(user, "A choice by a field that no table has")
        found = RejectedRow.objects.all()
        if status is not None:
            found = found.filter(status=status)
        if self.table is not None:
            found = found.filter(table=self.table)
        if self.batch is not None:
            found = found.filter(batch_id=self.batch)
        if self.id is not None:
            found = found.filter(pk__in=self.id)
        if self.code is not None:
            found = found.filter(codes__contains=[self.code])
        fault = {"value": self.value} if self.has_value else {}
        if self.field is not None:
            fault["field"] = self.field
        if fault and self.code is not None:
            fault["code"] = self.code
        return found.filter(errors__contains=[fault]) if fault else found


def _read_selection(sent: Any) -> Selection:
    """`{"table": "employees", "batch": 17, "code": "unknown_department", "value": 120, "id": [5, 6]}`, any of it.

    Raises ProblemError for anything else, and for nothing at all: all entries are never meant by mistake.
    """
    # Its class tells of a key that was sent twice.
    if type(sent) is not dict or not sent:
        raise _bad("filter", f"send an object with one or more of {', '.join(_FILTERS)}, each once")
    for name in sent:
        if name not in _FILTERS:
            raise _bad(f"filter.{name[:40]!a}", f"is not one of {', '.join(_FILTERS)}")
    tables, codes = [table.name for table in all_tables()], [code.value for code in RowCode]
    for name, choices in (("table", tables), ("code", codes)):
        if name in sent and sent[name] not in choices:
            raise _bad(f"filter.{name}", f"choose one of {', '.join(choices)}")
    if "field" in sent and not isinstance(sent["field"], str):
        raise _bad("filter.field", "send the name of a field, as the log shows it")
    if "batch" in sent and not _is_id(sent["batch"]):
        raise _bad("filter.batch", "send the id of a batch")
    ids = sent.get("id", [1])
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_IDS or not all(map(_is_id, ids)):
        raise _bad("filter.id", f"send a list of 1 to {MAX_IDS:,} ids of entries")
    return Selection(
        table=sent.get("table"),
        batch=sent.get("batch"),
        code=sent.get("code"),
        field=harmless_name(sent.get("field")),
        # As it is kept in the log, and shown there.
        value=harmless_value(sent.get("value")),
        has_value="value" in sent,
        id=tuple(ids) if "id" in sent else None,
    )


@dataclass(frozen=True)
class Order:
    """What is to be done with which entries."""

    selection: Selection
    dry_run: bool
    reason: str = ""
    corrections: Mapping[str, Any] = field(default_factory=dict)


def read_discarding(sent: Mapping[str, Any], faults: Sequence[Fault]) -> Order:
    """`{"filter": {"code": "required"}, "reason": "Test data", "dry_run": true}`. Raises ProblemError."""
    order = _read_order(sent, faults, "reason")
    return replace(order, reason=read_reason(sent.get("reason")))


def read_correction(sent: Mapping[str, Any], faults: Sequence[Fault]) -> Order:
    """`{"filter": {"value": 120}, "set": {"department_id": 12}, "dry_run": true}`. Raises ProblemError."""
    order = _read_order(sent, faults, "set")
    # Its class tells of a key that was sent twice.
    if type(sent.get("set", {})) is not dict:
        raise _bad("set", "send an object with fields of the row, each once")
    return replace(order, corrections=sent.get("set", {}))


def _read_order(sent: Mapping[str, Any], faults: Sequence[Fault], third: str) -> Order:
    if faults:
        raise _bad("body", faults[0].message.rstrip("."))
    for name in sent:
        if name not in ("filter", "dry_run", third):
            raise _bad(f"{name[:40]!a}", f"send filter, {third} and, if you like, dry_run")
    dry_run = sent.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise _bad("dry_run", "send true or false")
    return Order(_read_selection(sent.get("filter")), dry_run)


def read_reason(sent: Any) -> str:
    """Why entries are discarded or opened again. Raises ProblemError when that is not said."""
    if (
        not isinstance(sent, str)
        or not sent.strip()
        or len(sent) > MAX_REASON_CHARACTERS
        or not sent.isprintable()
    ):
        raise _bad("reason", f"say why, in 1 to {MAX_REASON_CHARACTERS:,} characters on one line")
    return sent.strip()


def discard(selection: Selection, *, reason: str, user: User, dry_run: bool) -> list[int]:
    """Closes open entries whose rows are not wanted. The ids of those it closed, or would."""

    def work() -> list[int]:
        entries = (
            selection.entries(RejectedRow.Status.OPEN, user).order_by("pk").select_for_update()
        )
        ids = list(entries.values_list("pk", flat=True))
        if ids and not dry_run:
            event = history_event("discarded", user=user.get_username(), reason=reason)
            set_status(ids, RejectedRow.Status.DISCARDED, event)
            _record(Action.REJECTED_ROWS_DISCARDED, ids, user)
        return ids

    return in_transaction(work)


def reopen(selection: Selection, *, reason: str, user: User, dry_run: bool) -> list[int]:
    """Opens discarded entries again, none whose content is open in another one. The ids of those it opened."""

    def work() -> list[int]:
        entries = selection.entries(RejectedRow.Status.DISCARDED, user)
        ids = reopen_entries(entries, reason=reason, user=user, dry_run=dry_run)
        if ids and not dry_run:
            _record(Action.REOPENED, ids, user)
        return ids

    return in_transaction(work)


def _record(action: Action, ids: Sequence[int], user: User) -> None:
    shown = {"count": len(ids), "rejected_rows": ids[:MAX_RECORDED_IDS]}
    record(action, shown, user=user)


def reopen_entries(
    entries: QuerySet[RejectedRow],
    *,
    reason: str,
    user: User,
    batch: int | None = None,
    dry_run: bool = False,
) -> list[int]:
    """Opens closed entries, of those of one content the youngest, and none that is open in another one.

    None whose row is no longer kept: nobody could do anything about it.
    """
    closed = entries.exclude(raw="").order_by("pk").select_for_update().only("content_hash")
    youngest = {entry.content_hash: entry.pk for entry in closed}
    is_open = RejectedRow.objects.filter(
        status=RejectedRow.Status.OPEN, content_hash__in=list(youngest)
    )
    for content in is_open.values_list("content_hash", flat=True):
        del youngest[content]
    ids = sorted(youngest.values())
    if ids and not dry_run:
        event = history_event("reopened", batch=batch, user=user.get_username(), reason=reason)
        set_status(ids, RejectedRow.Status.OPEN, event)
    return ids


def _is_id(value: Any) -> bool:
    return type(value) is int and 1 <= value < 2**63


def _bad(name: str, detail: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, f"{name}: {detail}.")
