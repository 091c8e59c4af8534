"""A person erased: from tables, reject log, kept answers and texts, and from what a restore brings back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from psycopg2 import sql

from hrapi.audit.recording import Action
from hrapi.audit.recording import record as record_event
from hrapi.backups.errors import BackupError
from hrapi.backups.locking import limited_waits, one_run_at_a_time
from hrapi.backups.manifest import made_at
from hrapi.backups.places import Place
from hrapi.backups.restoring import unless_in_each_others_way
from hrapi.ingestion.changes import delete_kept
from hrapi.ingestion.idempotency import forget_answers
from hrapi.ingestion.models import RejectedRow, RowChange
from hrapi.loads.models import Load
from hrapi.privacy.clearing import LIVE, clear_table
from hrapi.privacy.holdings import Holdings, Person, find_holdings
from hrapi.privacy.models import Erasure
from hrapi.privacy.records import ErasureRecord, new_record, write_record

_CLEARED = ("row_changes", "rejected_rows", "batches", "loads", "token_details")


@dataclass(frozen=True)
class Order:
    """Whose data are to be erased, with which further entries of the reject log, and who says so."""

    person: Person
    also: frozenset[int] = frozenset()
    name_too: bool = False
    user: User | None = None


def plan_erasure(order: Order) -> Holdings:
    """What `erase` would erase now. Raises BackupError where it would refuse."""
    _refuse_unknown_entries(order.also)
    _refuse_while_loading(order.person)
    return find_holdings(order.person, also=order.also, name_too=order.name_too)


def erase(order: Order, place: Place, *, expected: Holdings | None = None) -> Holdings:
    """Erases the person, all or nothing, with a record in the database and one beside the backups of a place.

    No backup is made or restored meanwhile, so that each backup is either older than the erasure or without the
    person. Raises BackupError when more or less is held than `expected`, while a file is being loaded into the
    table, or when the place cannot take the record; BusyError while another run is at work on backups.
    """

    def work() -> Holdings:
        with transaction.atomic(durable=True), limited_waits(connection):
            _lock(order.person)
            found = plan_erasure(order)
            if expected is not None and found != expected:
                raise BackupError(
                    "Nothing was erased: what is held has changed meanwhile. Look at the plan again."
                )
            with _place_that_may_fail():
                record = _new_record(order.person, found, place)
            _clear(order, found, record)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Last, when nothing but the commit can fail any more.
            with _place_that_may_fail():
                write_record(place, record)
        return found

    with one_run_at_a_time("erasure"):
        return unless_in_each_others_way(work)


def _lock(person: Person) -> None:
    """Others read meanwhile, and write after it. In the order in which a batch is written."""
    names = [
        "batches",
        person.table.db_table,
        "rejected_rows",
        "row_changes",
        "loads",
        "kept_answers",
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(
                sql.SQL(", ").join(map(sql.Identifier, names))
            )
        )


@contextmanager
def _place_that_may_fail() -> Iterator[None]:
    try:
        yield
    except (BackupError, OSError) as error:
        raise BackupError(
            "Nothing was erased: no record of it could be kept beside the backups, and restoring one would bring"
            f" back what was erased. {error}"
        ) from error


def _refuse_while_loading(person: Person) -> None:
    unended = Load.objects.filter(table=person.table.name, state__in=Load.UNENDED).order_by("pk")
    if (first := unended.first()) is not None:
        raise BackupError(
            f"Nothing was erased: load {first.pk} into {person.table.name} is {first.state}, and its file may hold"
            " the person. Try again when it has ended."
        )


def _refuse_unknown_entries(entries: Collection[int]) -> None:
    known = RejectedRow.objects.filter(pk__in=entries).values_list("pk", flat=True)
    if unknown := sorted(set(entries) - set(known)):
        raise BackupError(f"Nothing was erased: the reject log has no entry {unknown[0]}.")


def _new_record(person: Person, found: Holdings, place: Place) -> ErasureRecord:
    """Later than every backup of the place, whatever this machine's clock says."""
    at = datetime.now(UTC)
    if names := place.names():
        at = max(at, made_at(names[-1]) + timedelta(microseconds=1))
    return new_record(person.table.name, person.row_id, at, found.cleared)


def _clear(order: Order, found: Holdings, record: ErasureRecord) -> None:
    person, user = order.person, order.user
    # That it is gone shows in its trace, without what it was.
    delete_kept(
        person.table,
        sql.SQL("t.id = %s"),
        [person.row_id],
        RowChange.Action.DELETED,
        user_id=user.pk if user else None,
    )
    for table in _CLEARED:
        clear_table(table, record, LIVE, user=user.get_username() if user else None)
    forget_answers(found.answers)
    Erasure.objects.create(
        record=record.id,
        table=record.table,
        row_id=record.row_id,
        erased_at=record.erased_at,
        cleared=record.cleared,
        counts=found.counts,
        user=user,
    )
    record_event(
        Action.ERASED, {"table": record.table, "id": record.row_id, "counts": found.counts}
    )
