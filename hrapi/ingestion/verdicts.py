"""What becomes of each row, given what is stored. Reads the database, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection
from psycopg2 import sql

from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.harmless import describe_fault
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.ingestion.validation import CheckedRow, Values
from hrapi.tables import Table

CONFLICTS = (RowCode.ALREADY_EXISTS, RowCode.DUPLICATE_IN_BATCH)


@dataclass(slots=True)
class Rejection:
    """A row that is not taken, with every reason."""

    sent: SentRow
    row_id: int | None
    faults: Sequence[Fault]
    rejected_row: int | None = None
    """Its id in the reject log, once it is written there."""
    errors: list[dict[str, Any]] = field(init=False)
    """The faults as they are answered and logged."""
    settled_at: int | None = None
    """Index of the later row of the same batch that settles it: its id is the same, and it is taken or there."""

    @property
    def is_conflict(self) -> bool:
        """Whether its id is that of a stored row with other content."""
        return any(fault.code in CONFLICTS for fault in self.faults)

    def __post_init__(self) -> None:
        self.errors = [describe_fault(fault) for fault in self.faults]

    def without_row(self) -> Rejection:
        """The same without what was sent, which may be long; only what is answered is left."""
        light = Rejection(SentRow(self.sent.index, self.sent.line, None, None), self.row_id, ())
        light.errors, light.rejected_row = self.errors, self.rejected_row
        return light


@dataclass(slots=True)
class Verdicts:
    """What becomes of the rows of one batch. `inserts` maps ids to the rows to store."""

    received: int
    inserts: dict[int, CheckedRow] = field(default_factory=dict)
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    found: set[int] = field(default_factory=set)
    """The ids of the rows that are unchanged."""
    first_settled: dict[int, int] = field(default_factory=dict)
    """For ids of rejections an index before which none was taken or there."""
    corrected: list[int] = field(default_factory=list)
    """The entries of the reject log that rows say they correct, and that are taken or there."""
    stay_open: list[int] = field(default_factory=list)
    """Entries of the reject log that want other content for a row that is taken."""
    may_resolve: bool = False
    """Whether an open entry of the reject log may have the id of a row that is taken or there."""

    def resolve_nothing(self) -> None:
        """What is taken may not stay: it settles nothing that is rejected."""
        self.may_resolve = False
        for rejection in self.rejections:
            rejection.settled_at = None


class StoredRow(NamedTuple):
    values: Values | None
    batch_id: int | None


def judge_rows(table: Table, rows: Sequence[CheckedRow], *, batch_id: int | None) -> Verdicts:
    """The verdict on each row, as if they had been sent one by one in this order.

    `batch_id` is the batch that earlier parts of the same file were stored under, None for a first part.
    Costs one query when all rows come after those that are stored, else two, whatever the number of rows.
    """
    ids = [row.row_id for row in rows if row.values is not None and row.row_id is not None]
    distinct_references = {row.references for row in rows}
    *existing, between, rejected_between = _look_up(table, distinct_references, ids)
    stored = _stored_rows(table, ids) if between else {}
    missing = {
        references for references in distinct_references if _is_missing(references, existing)
    }
    verdicts = Verdicts(received=len(rows), may_resolve=bool(rejected_between))
    inserts = verdicts.inserts
    rejected_of: dict[int, list[Rejection]] = {}
    for row in rows:
        values, row_id, faults = row.values, row.row_id, row.faults
        if row.references in missing:
            faults = [*faults, *_reference_faults(table, row, existing)]
        if values is not None and row_id is not None:
            earlier = inserts.get(row_id)
            known = stored.get(row_id) if earlier is None else StoredRow(earlier.values, batch_id)
            if known is None:
                if not faults:
                    inserts[row_id] = row
                    if row_id in rejected_of:
                        _settle(verdicts, rejected_of[row_id], row, is_new=True)
                    continue
            elif known.values == values:
                verdicts.unchanged += 1
                verdicts.found.add(row_id)
                if row_id in rejected_of:
                    _settle(verdicts, rejected_of[row_id], row, is_new=False)
                continue
            else:
                by_batch = earlier is not None or (
                    batch_id is not None and known.batch_id == batch_id
                )
                faults = [*faults, _taken_id_fault(row_id, in_this_batch=by_batch)]
        rejection = Rejection(row.sent, row_id, in_field_order(table, faults))
        _reject(verdicts, rejected_of, rejection)
    verdicts.corrected = _corrected(rows, verdicts.rejections)
    return verdicts


def _corrected(rows: Sequence[CheckedRow], rejections: Sequence[Rejection]) -> list[int]:
    entries = {row.sent.index: row.sent.corrects for row in rows if row.sent.corrects is not None}
    for rejection in rejections:
        entries.pop(rejection.sent.index, None)
    return list(entries.values())


def _reject(
    verdicts: Verdicts, rejected_of: dict[int, list[Rejection]], rejection: Rejection
) -> None:
    row_id = rejection.row_id
    verdicts.rejections.append(rejection)
    if row_id is not None:
        rejected_of.setdefault(row_id, []).append(rejection)
        if row_id in verdicts.inserts or row_id in verdicts.found:
            verdicts.first_settled.setdefault(row_id, rejection.sent.index)


def _settle(
    verdicts: Verdicts, rejections: list[Rejection], row: CheckedRow, *, is_new: bool
) -> None:
    """Rejections of the id before this row are settled by it; if it was there before, conflicts are not."""
    if row.row_id is not None:
        verdicts.first_settled.setdefault(row.row_id, row.sent.index)
    for rejection in rejections:
        if rejection.settled_at is None and (is_new or not rejection.is_conflict):
            rejection.settled_at = row.sent.index


def reference_faults(table: Table, row: CheckedRow) -> list[Fault]:
    """A fault for each reference of one row to something that does not exist."""
    *existing, _, _ = _look_up(table, {row.references}, [])
    return _reference_faults(table, row, existing)


def in_field_order(table: Table, faults: Sequence[Fault]) -> list[Fault]:
    """The faults in the order of the fields they are about; those about no field of the table come last."""
    if len(faults) == 1:
        return list(faults)
    position = {field: number for number, field in enumerate(table.fields)}
    return sorted(faults, key=lambda fault: position.get(fault.field or "", len(position)))


def _taken_id_fault(row_id: int, *, in_this_batch: bool) -> Fault:
    if in_this_batch:
        return Fault(
            "id",
            RowCode.DUPLICATE_IN_BATCH,
            f"An earlier row of this batch has the id {row_id} and other content.",
            row_id,
        )
    return Fault(
        "id",
        RowCode.ALREADY_EXISTS,
        f"A row with the id {row_id} and other content is stored already.",
        row_id,
    )


def _reference_faults(table: Table, row: CheckedRow, existing: list[set[int]]) -> list[Fault]:
    return [
        Fault(reference.field, reference.code, f"No {reference.noun} has id {referred}.", referred)
        for reference, referred, ids in zip(table.references, row.references, existing, strict=True)
        if referred is not None and referred not in ids
    ]


def _look_up(table: Table, distinct: set[Values], ids: Sequence[int]) -> list[set[int]]:
    """For each reference of the table, those of the ids wanted that exist.

    Last come the id of one stored row that lies between the least and the greatest of `ids`, and that of one open
    entry of the reject log whose row's id does, if there are any: new rows mostly come after all others, and then
    none of them needs to be looked for.
    """
    lookups = [
        sql.SQL("(SELECT {position}, id FROM {table} WHERE id = ANY(%s::bigint[]))").format(
            position=sql.Literal(position), table=sql.Identifier(reference.table)
        )
        for position, reference in enumerate(table.references)
    ]
    values: list[Any] = [_array(set(wanted) - {None}) for wanted in zip(*distinct, strict=True)]
    if ids:
        lookups.append(
            sql.SQL(
                "(SELECT {position}, id FROM {table} WHERE id BETWEEN %s AND %s ORDER BY id LIMIT 1)"
            ).format(position=sql.Literal(len(lookups)), table=sql.Identifier(table.db_table))
        )
        lookups.append(
            sql.SQL(
                "(SELECT {position}, id FROM rejected_rows WHERE status = 'open'"
                ' AND row_id BETWEEN %s AND %s AND "table" = %s LIMIT 1)'
            ).format(position=sql.Literal(len(lookups)))
        )
        values += [min(ids), max(ids), min(ids), max(ids), table.name]
    found: list[set[int]] = [set() for _ in range(len(table.references) + 2)]
    if lookups:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(lookups), values)
            for position, row_id in cursor.fetchall():
                found[position].add(row_id)
    return found


def _stored_rows(table: Table, ids: Sequence[int]) -> dict[int, StoredRow]:
    # LIMIT keeps the planner at one probe of the index for each id. Left free, it reads a whole table of
    # 100,000 rows instead: it overrates the probes, and knows little of a table that has just grown.
    query = sql.SQL(
        "SELECT {columns} FROM unnest(%s::bigint[]) AS sent (id),"
        " LATERAL (SELECT * FROM {table} WHERE id = sent.id LIMIT 1) AS stored"
    ).format(
        columns=sql.SQL(", ").join(
            sql.Identifier("stored", column) for column in (*table.fields, "batch_id")
        ),
        table=sql.Identifier(table.db_table),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [_array(ids)])
        return {stored[0]: StoredRow(stored[:-1], stored[-1]) for stored in cursor.fetchall()}


def _is_missing(references: Values, existing: list[set[int]]) -> bool:
    return any(
        referred is not None and referred not in ids
        for referred, ids in zip(references, existing, strict=True)
    )


def _array(ids: Iterable[int]) -> str:
    # As one literal: PostgreSQL would parse an ARRAY[...] of a thousand numbers one by one.
    return "{" + ",".join(map(str, ids)) + "}"
