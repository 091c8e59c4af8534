"""Rejected rows are corrected where they are kept, and sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from psycopg2 import sql

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.arrivals import announce_arrivals
from hrapi.ingestion.batches import MAX_BATCH_ROWS, BatchResult, Origin, store_verdicts
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.parsing.json_rows import sent_row_from_json
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.ingestion.stewardship import Selection
from hrapi.ingestion.transactions import in_transaction
from hrapi.ingestion.validation import validate_rows
from hrapi.ingestion.verdicts import CONFLICTS, Verdicts, judge_rows
from hrapi.ingestion.writing import ARRIVED, CORRECTED, history_event, set_status
from hrapi.tables import Table, get_table


@dataclass(frozen=True)
class Resubmission:
    """The ids of the entries that were closed, and of those that stay open the errors of the corrected row."""

    batch_id: int | None = None
    resolved: Sequence[int] = ()
    still_wrong: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)


def resubmit(
    entry_id: int,
    corrections: Mapping[str, Any],
    faults: Sequence[Fault],
    user: User,
    *,
    dry_run: bool = False,
) -> Sequence[Fault]:
    """Takes the row of an open entry with `corrections` laid over it, and closes the entry.

    A correction that is None takes a field away (RFC 7396). Of a row that was no object, or was too long to be
    kept, the corrections are all there is. Returns the faults for which nothing was changed; a dry run changes
    nothing in any case. Raises ProblemError when the entry is not open or not there: of two people one wins.
    """

    def work() -> Sequence[Fault]:
        entry = RejectedRow.objects.select_for_update().filter(pk=entry_id).first()
        if entry is None:
            raise ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
        table = _table_of([entry], user)
        if entry.status != RejectedRow.Status.OPEN:
            raise ProblemError(ProblemCode.CONFLICT, f"The entry is {entry.status} already.")
        verdicts = _judge(table, [entry], corrections)
        found = [*faults, *(fault for each in verdicts.rejections for fault in each.faults)]
        if not found and not dry_run:
            _take(table, verdicts, [entry_id], _by(user), reason=CORRECTED)
        return found

    return in_transaction(work)


def resubmit_all(
    selection: Selection, corrections: Mapping[str, Any], user: User, *, dry_run: bool
) -> Resubmission:
    """The same for all open entries of a selection, at most a thousand of one table.

    Those whose rows are still wrong stay as they are. Raises ProblemError when there are too many.
    """

    def work() -> Resubmission:
        open_entries = selection.entries(RejectedRow.Status.OPEN, user).order_by("pk")
        entries = list(open_entries.select_for_update()[: MAX_BATCH_ROWS + 1])
        if len(entries) > MAX_BATCH_ROWS:
            raise ProblemError(
                ProblemCode.BATCH_TOO_LARGE,
                f"More than {MAX_BATCH_ROWS:,} entries fit. Send a filter that fits fewer.",
            )
        if not entries:
            return Resubmission()
        table = _table_of(entries, user)
        verdicts = _judge(table, entries, corrections)
        wrong = {each.sent.index: each for each in verdicts.rejections}
        taken = [entry.pk for number, entry in enumerate(entries) if number not in wrong]
        # Of two entries for one id, the row of the first closes the second too, unless that wants other content.
        still_wrong = {
            entries[number].pk: rejection.errors
            for number, rejection in wrong.items()
            if rejection.is_conflict or not _is_settled(entries[number], verdicts)
        }
        verdicts.stay_open = list(still_wrong)
        batch_id = None
        if taken and not dry_run:
            verdicts.received, verdicts.rejections = len(taken), []
            batch_id = _take(table, verdicts, taken, _by(user), reason=CORRECTED)
        resolved = [entry.pk for entry in entries if entry.pk not in still_wrong]
        return Resubmission(batch_id, resolved, still_wrong)

    return in_transaction(work)


def _is_settled(entry: RejectedRow, verdicts: Verdicts) -> bool:
    """Whether a row that is taken, or there, closes the entry, though its own row is still wrong."""
    is_conflict = not set(CONFLICTS).isdisjoint(entry.codes)
    return entry.row_id in verdicts.inserts or (entry.row_id in verdicts.found and not is_conflict)


def replay_waiting(table: Table, batch_id: int | None, origin: Origin) -> int:
    """Takes in rejected rows that lacked only what a batch has brought; how many were taken.

    Within the transaction that stores the batch. Rows with other faults as well stay open with those.
    """
    if not settings.REPLAY_REJECTED_ROWS:
        return 0
    number = 0
    for other in announce_arrivals(table):
        last = 0
        while entries := _waiting(other, table, batch_id, after=last):
            last = entries[-1].pk
            number += _replay(other, entries, batch_id, origin)
        _take_off_faults(other, table, batch_id, origin)
    return number


def _lacked(arrived: Table) -> sql.Composable:
    """Whether an entry lacks, by a fault of these codes, a row that this batch brought."""
    return sql.SQL(
        "EXISTS ("
        "  SELECT FROM jsonb_array_elements(entry.errors) AS fault, {arrived} AS row"
        "  WHERE fault->>'code' = ANY(%s) AND fault->'value' = to_jsonb(row.id) AND row.batch_id = %s)"
    ).format(arrived=sql.Identifier(arrived.db_table))


def _waiting(
    table: Table, arrived: Table, batch_id: int | None, *, after: int
) -> list[RejectedRow]:
    """Open entries that only lack references, one of them to a row that the batch brought.

    None of an atomic batch, of which nothing was stored: the rest of it would not come with them.
    """
    codes = [reference.code.value for reference in table.references]
    lacking = [r.code.value for r in table.references if r.table == arrived.db_table]
    query = sql.SQL(
        "SELECT entry.* FROM rejected_rows AS entry"
        " JOIN batches AS batch ON batch.id = entry.batch_id AND batch.mode = 'partial'"
        " WHERE entry.status = 'open' AND entry.\"table\" = %s AND entry.id > %s"
        " AND entry.codes <@ %s::varchar[] AND {lacked}"
        " ORDER BY entry.id LIMIT %s FOR UPDATE OF entry"
    ).format(lacked=_lacked(arrived))
    with connection.cursor() as cursor:
        text = query.as_string(cursor.cursor)
    values = [table.name, after, codes, lacking, batch_id, MAX_BATCH_ROWS]
    return list(RejectedRow.objects.raw(text, values))


def _replay(
    table: Table, entries: Sequence[RejectedRow], arrived_with: int | None, origin: Origin
) -> int:
    verdicts = _judge(table, entries, {})
    wrong = {each.sent.index: each for each in verdicts.rejections}
    taken = [entry.pk for number, entry in enumerate(entries) if number not in wrong]
    in_conflict = [entries[number] for number, each in wrong.items() if each.is_conflict]
    if taken:
        verdicts.received, verdicts.rejections = len(taken), []
        verdicts.stay_open = [entry.pk for entry in in_conflict]
        replay = Origin(source=Batch.Source.REPLAY, user=origin.user)
        _take(table, verdicts, taken, replay, reason=ARRIVED)
    if in_conflict:
        _tell_of_conflicts(table, in_conflict, arrived_with, origin)
    return len(taken)


def _take_off_faults(table: Table, arrived: Table, batch_id: int | None, origin: Origin) -> None:
    """Of open entries with other faults as well, those that the batch has mended: as if it had come first."""
    lacking = [r.code.value for r in table.references if r.table == arrived.db_table]
    event = history_event("rejected", batch=batch_id, user=origin.user_name)
    query = sql.SQL(
        "WITH entry AS ("
        "  SELECT entry.id, entry.errors FROM rejected_rows AS entry"
        "  JOIN batches AS batch ON batch.id = entry.batch_id AND batch.mode = 'partial'"
        "  WHERE entry.status = 'open' AND entry.\"table\" = %s AND entry.codes && %s::varchar[]"
        "  AND {lacked} ORDER BY entry.id FOR UPDATE OF entry"
        "), judged AS ("
        "  SELECT entry.id, fault, n, fault->>'code' = ANY(%s) AND EXISTS ("
        "    SELECT FROM {arrived} AS row WHERE fault->'value' = to_jsonb(row.id) AND row.batch_id = %s"
        "  ) AS is_mended"
        "  FROM entry, jsonb_array_elements(entry.errors) WITH ORDINALITY AS each(fault, n)"
        "), left_over AS ("
        "  SELECT id, jsonb_agg(fault ORDER BY n) FILTER (WHERE NOT is_mended) AS errors,"
        "   array_agg(fault->>'code') FILTER (WHERE is_mended) AS mended"
        "  FROM judged GROUP BY id HAVING NOT bool_and(is_mended)"
        ") UPDATE rejected_rows AS changed SET errors = left_over.errors,"
        # A row has one fault of such a code.
        "  codes = ARRAY(SELECT code FROM unnest(changed.codes) WITH ORDINALITY AS each(code, n)"
        "   WHERE code <> ALL(mended) ORDER BY n),"
        "  history = changed.history || jsonb_set(%s::jsonb, '{{reason}}',"
        "   to_jsonb('Before, it was ' || array_to_string(changed.codes, ' and ') || '.'))"
        " FROM left_over WHERE left_over.id = changed.id"
    ).format(lacked=_lacked(arrived), arrived=sql.Identifier(arrived.db_table))
    with connection.cursor() as cursor:
        cursor.execute(query, [table.name, lacking, lacking, batch_id, lacking, batch_id, event])


def _tell_of_conflicts(
    table: Table, entries: Sequence[RejectedRow], arrived_with: int | None, origin: Origin
) -> None:
    """What the entries lacked is there, but so is another row with their id: that is what is wrong by now."""
    for rejection in _judge(table, entries, {}).rejections:
        entry = entries[rejection.sent.index]
        entry.codes, before = (
            list(dict.fromkeys(f.code.value for f in rejection.faults)),
            entry.codes,
        )
        entry.errors = rejection.errors
        event = history_event(
            "rejected",
            batch=arrived_with,
            user=origin.user_name,
            reason=f"Before, it was {' and '.join(before)}.",
        )
        entry.history = [*entry.history, json.loads(event)]
        entry.save(update_fields=["errors", "codes", "history"])


def _by(user: User) -> Origin:
    return Origin(source=Batch.Source.RESUBMISSION, user=user)


def _table_of(entries: Sequence[RejectedRow], user: User) -> Table:
    """The one table of the rows. Raises ProblemError when there are several, or the user may not post to it."""
    names = sorted({entry.table for entry in entries})
    if len(names) > 1:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"filter: the entries are of {' and '.join(names)}. Name one table.",
        )
    table = get_table(names[0])
    if not user.has_perm(f"{table.model._meta.app_label}.add_{table.model._meta.model_name}"):
        raise ProblemError(ProblemCode.PERMISSION_DENIED, f"You may not post rows of {table.name}.")
    return table


def _judge(
    table: Table, entries: Sequence[RejectedRow], corrections: Mapping[str, Any]
) -> Verdicts:
    """What would become of the corrected rows. `sent.index` is the position in `entries`."""
    sent = []
    for position, entry in enumerate(entries):
        merged = {**(kept_content(entry) or {}), **corrections}
        content = {name: value for name, value in merged.items() if value is not None}
        sent.append(SentRow(position, None, content, content))
    return judge_rows(table, validate_rows(table, sent), batch_id=None)


def kept_content(entry: RejectedRow) -> dict[str, Any] | None:
    """The fields of the row as they were sent. None of what was no row, or was too long to be kept."""
    if entry.raw_truncated:
        return None
    try:
        sent = sent_row_from_json(entry.raw, index=entry.index, line=entry.line)
    except ProblemError:
        # A line of a file that was not JSON.
        return None
    return None if sent.content is None or sent.faults else dict(sent.content)


def _take(
    table: Table, verdicts: Verdicts, entries: Sequence[int], origin: Origin, *, reason: str
) -> int:
    """Stores rows without faults as a batch, and closes their entries. Returns the id of the batch."""
    result = BatchResult(table.name, origin.mode, origin.dry_run)
    result.add(verdicts)
    # First, so that they are not closed as any other entry for a row with this id.
    RejectedRow.objects.filter(pk__in=entries).update(status=RejectedRow.Status.RESOLVED)
    batch_id = store_verdicts(table, verdicts, result, origin, started_at=timezone.now())
    event = history_event("resolved", batch=batch_id, user=origin.user_name, reason=reason)
    set_status(entries, RejectedRow.Status.RESOLVED, event)
    replay_waiting(table, batch_id, origin)
    return batch_id
