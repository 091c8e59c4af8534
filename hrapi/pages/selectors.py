"""What the pages show of tables, batches and the reject log. The number of queries is that of tables at most."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.db.models import Count, QuerySet
from psycopg2 import sql

from hrapi.api.names import may_see_names
from hrapi.ingestion.forgetting import NO_LONGER_KEPT
from hrapi.ingestion.harmless import MAX_VALUE_CHARACTERS, shortened
from hrapi.ingestion.hiding import NOT_SHOWN, shown_errors
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.resubmission import kept_content
from hrapi.loads.models import Load
from hrapi.pages.texts import in_words, shown, visible
from hrapi.tables import Table, all_tables

LAST_BATCHES = 10
LAST_LOADS = 5
PAGE_ROWS = 50
MAX_GROUPS = 12
MAX_FIELDS_SHOWN = 12
MAX_OTHER_ENTRIES = 20
MAX_CHOICES = 500


def may(user: User | AnonymousUser, action: str, table: Table) -> bool:
    return user.has_perm(f"{table.model._meta.app_label}.{action}_{table.singular}")


@dataclass(frozen=True)
class TableShown:
    """A table on the start page."""

    name: str
    rows: int
    may_add: bool


def tables_of(user: User | AnonymousUser) -> list[TableShown]:
    """Those that the user may see, each with the number of its rows, counted."""
    tables = [table for table in all_tables() if may(user, "view", table)]
    if not tables:
        return []
    counts = [
        sql.SQL("(SELECT count(*) FROM {})").format(sql.Identifier(table.db_table))
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT ") + sql.SQL(", ").join(counts))
        numbers = cursor.fetchone() or ()
    return [
        TableShown(table.name, number, may(user, "add", table))
        for table, number in zip(tables, numbers, strict=True)
    ]


def last_batches() -> list[Batch]:
    return list(Batch.objects.select_related("user").order_by("-id")[:LAST_BATCHES])


def last_loads() -> list[Load]:
    return list(Load.objects.select_related("user", "batch").order_by("-id")[:LAST_LOADS])


@dataclass(frozen=True)
class Group:
    """Rows that have a fault in common. `value` is JSON, None for any value."""

    rows: int
    code: str
    field: str | None = None
    value: str | None = None

    @property
    def label(self) -> str:
        """`unknown department: department_id 120`"""
        if self.value is None:
            return in_words(self.code)
        value = shown(json.loads(self.value))
        about = " ".join(filter(None, [self.field, value or "(empty)"]))
        return f"{in_words(self.code)}: {about}"


@dataclass(frozen=True)
class TableToDo:
    """The open rejections of one table: how many rows, and how many of them have which fault."""

    table: str
    rows: int
    groups: list[Group]


def to_do() -> list[TableToDo]:
    """A row with two faults counts for both, and once for its table."""
    found = RejectedRow.objects.filter(status=RejectedRow.Status.OPEN).order_by()
    tables: Counter[str] = Counter()
    codes_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
    # Few combinations of codes occur: counting them is far cheaper than taking each row's apart.
    for table, codes, rows in found.values_list("table", "codes").annotate(rows=Count("*")):
        tables[table] += rows
        for code in codes:
            codes_of[table][code] += rows
    return [
        TableToDo(
            table,
            rows,
            sorted(
                (Group(number, code) for code, number in codes_of[table].items()),
                key=lambda group: (-group.rows, group.code),
            ),
        )
        for table, rows in sorted(tables.items())
    ]


def groups_of(entries: QuerySet[RejectedRow], code: str | None) -> list[Group]:
    """The largest groups of two and more entries with one fault in common: its code, field and value."""
    text, parameters = entries.order_by().values("id", "errors").query.sql_with_params()
    query = sql.SQL(
        "SELECT count(*), fault.code, fault.field, fault.value FROM ({entries}) AS entry, LATERAL ("
        "  SELECT DISTINCT each->>'code' AS code, each->>'field' AS field, (each->'value')::text AS value"
        "  FROM jsonb_array_elements(entry.errors) AS each"
        " ) AS fault WHERE %s::text IS NULL OR fault.code = %s"
        " GROUP BY 2, 3, 4 HAVING count(*) > 1 ORDER BY 1 DESC, 2, 3, 4 LIMIT %s"
    ).format(entries=sql.SQL(text))
    with connection.cursor() as cursor:
        cursor.execute(query, [*parameters, code, code, MAX_GROUPS])
        return [
            Group(rows, code, field, value or "null")
            for rows, code, field, value in cursor.fetchall()
        ]


@dataclass(frozen=True)
class EntryShown:
    """An entry in the work list: `sent` is each field with its value and whether it is at fault."""

    entry: RejectedRow
    sent: list[tuple[str, str, bool]]
    left_out: int
    faults: list[dict[str, Any]]
    unreadable: str
    """What was sent, of what was no row."""


def entry_shown(entry: RejectedRow, *, sees_sent: bool) -> EntryShown:
    """Without `sees_sent` only which fields are at fault, and how."""
    if not sees_sent:
        errors = shown_errors(entry.errors, sees_sent=False)
        return EntryShown(entry, [], 0, [fault_shown(error) for error in errors], NOT_SHOWN)
    content = kept_content(entry)
    at_fault = {error["field"] for error in entry.errors}
    sent = [
        (
            shortened(visible(name)),
            shortened(shown(value)) if value is not None else "",
            name in at_fault,
        )
        for name, value in list((content or {}).items())[:MAX_FIELDS_SHOWN]
    ]
    return EntryShown(
        entry,
        sent,
        max(0, len(content or {}) - MAX_FIELDS_SHOWN),
        [fault_shown(error) for error in entry.errors],
        shortened((entry.raw or NO_LONGER_KEPT)[: MAX_VALUE_CHARACTERS + 1])
        if content is None
        else "",
    )


def fault_shown(error: dict[str, Any]) -> dict[str, Any]:
    """A fault of the log, with its value as text; `None` for nothing to see."""
    value = error.get("value")
    return {**error, "value": None if value in (None, "") else shown(value)}


def other_entries(entry: RejectedRow) -> list[RejectedRow]:
    """Earlier and later entries for the row's id; for the same content when it has none. The latest come first."""
    if entry.row_id is None and not entry.is_kept:
        return []
    same = (
        {"content_hash": entry.content_hash} if entry.row_id is None else {"row_id": entry.row_id}
    )
    found = RejectedRow.objects.filter(table=entry.table, **same).exclude(pk=entry.pk)
    return list(found.order_by("-pk")[:MAX_OTHER_ENTRIES])


def history_of(entry: RejectedRow) -> list[dict[str, Any]]:
    """What was done with the entry: `at`, `action`, `batch`, `user`, `reason`, and the time for a person."""
    return [event | {"when": event["at"][:16].replace("T", " ")} for event in entry.history]


@dataclass(frozen=True)
class NextEntry:
    """The entry to go on with, and how many are left with it."""

    pk: int
    left: int


def next_entry(entries: QuerySet[RejectedRow], after: int) -> NextEntry | None:
    """The first of the entries after one, else the first of all."""
    others = entries.exclude(pk=after).order_by("pk")
    left = others.count()
    if not left:
        return None
    found = others.filter(pk__gt=after).values_list("pk", flat=True).first()
    if found is None:
        found = others.values_list("pk", flat=True).first()
    return None if found is None else NextEntry(found, left)


def choices_of(table: Table, user: User | AnonymousUser) -> dict[str, list[tuple[int, str]]]:
    """For each field with a reference the rows it can refer to, by id and name, where they are not too many."""
    found = {}
    for reference in table.references:
        [target] = [other for other in all_tables() if other.db_table == reference.table]
        if may(user, "view", target) and may_see_names(user, target):
            rows = target.model._default_manager.order_by("pk").values_list(*target.fields[:2])
            listed = list(rows[: MAX_CHOICES + 1])
            if len(listed) <= MAX_CHOICES:
                found[reference.field] = listed
    return found


def stored_row(table: Table, row_id: int) -> dict[str, str]:
    """The row of that id as it is stored, empty when there is none."""
    row = table.model._default_manager.filter(pk=row_id).values(*table.fields).first()
    return {name: _stored_text(value) for name, value in (row or {}).items()}


def _stored_text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat().replace("+00:00", "Z"))
    return str(value)
