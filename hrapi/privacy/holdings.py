"""Where a person's data are: found by the id of the row and, where no id tells, by the name."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from hrapi.api.models import TokenDetails
from hrapi.ingestion.models import Batch, KeptAnswer, RejectedRow, RowChange
from hrapi.ingestion.resubmission import kept_content
from hrapi.loads.models import Load
from hrapi.privacy.names import Names
from hrapi.tables import Table

_CHUNK_ROWS = 500


@dataclass(frozen=True)
class Person:
    """The row of a table that is about somebody, and its field with the name."""

    table: Table
    row_id: int
    name: str = "name"


@dataclass(frozen=True)
class Holdings:
    """What is held of a person, by ids. `entries` of the reject log are those to be erased."""

    stored: bool
    changes: tuple[int, ...]
    entries: tuple[int, ...]
    of_another_name: tuple[int, ...]
    """Those of the entries with the person's id that were sent with another name."""
    same_name: tuple[int, ...]
    """Further entries with the person's name, and another id or none."""
    answers: tuple[int, ...]
    texts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By `table.column`, rows with texts that hold the name."""

    @property
    def cleared(self) -> dict[str, tuple[int, ...]]:
        """What a record of the erasure has to name beside the id of the row."""
        return {"rejected_rows.raw": self.entries, **self.texts}

    @property
    def counts(self) -> dict[str, int]:
        """How much is to be erased, by kind."""
        return {
            "rows": int(self.stored),
            "changes": len(self.changes),
            "rejected_rows": len(self.entries),
            "answers": len(self.answers),
            "texts": sum(map(len, self.texts.values())),
        }


def names_of(person: Person) -> list[str]:
    """The names by which the person is or was stored; without any, those that rows with the id were sent with."""
    stored = person.table.model._default_manager.filter(pk=person.row_id)
    found: list[Any] = [*stored.values_list(person.name, flat=True)]
    found += [change.before.get(person.name) for change in _changes(person)]
    if not any(found):
        found = [_sent_name(person, entry) for entry in _log(person).filter(row_id=person.row_id)]
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def find_holdings(person: Person, *, also: Collection[int], name_too: bool) -> Holdings:
    """All that is held of the person; of the reject log by id, what is named in `also`, and by name if told so."""
    names = Names(names_of(person))
    by_id = list(_log(person).filter(row_id=person.row_id).order_by("pk"))
    named = {entry.pk for entry in _with_name(names)}
    chosen = {entry.pk for entry in by_id} | set(also) | (named if name_too else set())
    return Holdings(
        stored=person.table.model._default_manager.filter(pk=person.row_id).exists(),
        changes=tuple(_changes(person).values_list("pk", flat=True)),
        entries=tuple(sorted(chosen)),
        of_another_name=tuple(
            entry.pk
            for entry in by_id
            if names and (sent := _sent_name(person, entry)) and not names.are_in(sent)
        ),
        same_name=tuple(sorted(named - chosen)),
        answers=tuple(_answers(person, names, chosen)),
        texts={column: ids for column, ids in _texts(person, names) if ids},
    )


def _changes(person: Person) -> QuerySet[RowChange]:
    found = RowChange.objects.filter(table=person.table.name, row_id=person.row_id)
    return found.exclude(before={}).order_by("pk")


def _log(person: Person) -> QuerySet[RejectedRow]:
    return RejectedRow.objects.filter(table=person.table.name).exclude(raw="")


def _sent_name(person: Person, entry: RejectedRow) -> str:
    name = (kept_content(entry) or {}).get(person.name)
    return name if isinstance(name, str) else ""


def _with_name(names: Names) -> Iterator[RejectedRow]:
    """Entries, of whatever table, that hold one of the names wherever in what was sent."""
    if not names:
        return
    entries = RejectedRow.objects.exclude(raw="").annotate(faults=Cast("errors", TextField()))
    # A text may be escaped even where it need not be.
    maybe = _may_hold(names, "raw", "faults") | Q(raw__regex=r"\\u00[2-7]")
    for entry in entries.filter(maybe).iterator(chunk_size=_CHUNK_ROWS):
        if names.are_in(entry.raw) or any(map(names.are_in, _strings(entry.errors))):
            yield entry


def _texts(person: Person, names: Names) -> Iterator[tuple[str, tuple[int, ...]]]:
    """By `table.column`, rows with texts about refused requests, files, reasons and tokens that hold the name."""
    if not names:
        return
    for model, column in (
        (Batch, "file_name"), (Batch, "refused_detail"), (Load, "file_name"), (Load, "error_detail"),
        (TokenDetails, "name"),
    ):  # fmt: skip
        rows = model._default_manager.filter(_may_hold(names, column)).order_by("pk")
        found = rows.values_list("pk", column).iterator(chunk_size=_CHUNK_ROWS)
        yield f"{model._meta.db_table}.{column}", tuple(pk for pk, t in found if names.are_in(t))
    reasons = RejectedRow.objects.annotate(events=Cast("history", TextField())).order_by("pk")
    with_reasons = reasons.filter(_may_hold(names, "events")).values_list("pk", "history")
    yield (
        "rejected_rows.history",
        tuple(
            pk
            for pk, history in with_reasons.iterator(chunk_size=_CHUNK_ROWS)
            if any(names.are_in(event["reason"]) for event in history)
        ),
    )
    dry_runs = Load.objects.filter(dry_run_answer__isnull=False).order_by("pk")
    yield (
        "loads.dry_run_answer",
        tuple(
            load.pk
            for load in dry_runs.iterator(chunk_size=_CHUNK_ROWS)
            if any(
                (load.table == person.table.name and row["id"] == person.row_id)
                or any(map(names.are_in, _strings(row["errors"])))
                for row in (load.dry_run_answer or {}).get("rejected_rows", [])
            )
        ),
    )


def _may_hold(names: Names, *columns: str) -> Q:
    """What the database can sort out beforehand."""
    return reduce(
        or_,
        (
            reduce(and_, (Q(**{f"{column}__icontains": run}) for run in runs), Q(pk__isnull=False))
            for column in columns
            for runs in names.runs
        ),
    )


def _answers(person: Person, names: Names, entries: Collection[int]) -> Iterator[int]:
    """Kept answers that tell of the row, of one of the entries, or hold the name."""
    in_table = f"/{person.table.name}/"
    telling = (str(person.row_id).encode(), b'"rejected_row"', b'"raw"')
    kept = KeptAnswer.objects.exclude(fingerprint="").order_by("pk")
    for pk, path, body in kept.values_list("pk", "path", "body").iterator(chunk_size=_CHUNK_ROWS):
        data = bytes(body)
        if not (any(part in data for part in telling) or names.may_be_in(data)):
            # Most answers: counts, which take a while to be read.
            continue
        answer = json.loads(data)
        is_told_of = any(
            (part.get("id") == person.row_id and in_table in path)
            or (part.get("row_id") == person.row_id and part.get("table") == person.table.name)
            or part.get("rejected_row") in entries
            or ("raw" in part and part.get("id") in entries)
            for part in _objects(answer)
        )
        if is_told_of or any(map(names.are_in, _strings(answer))):
            yield pk


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for member in _members(value):
        yield from _objects(member)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        yield from map(str, value)
    for member in _members(value):
        yield from _strings(member)


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
