"""Taking rows: one batch in one transaction, or a file of any size in many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.utils import timezone

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.arrivals import look_again
from hrapi.ingestion.batches import (
    MAX_BATCH_ROWS,
    BatchResult,
    Origin,
    create_batch,
    resolve_corrected,
    resolve_taken,
    store_verdicts,
)
from hrapi.ingestion.corrections import recognise
from hrapi.ingestion.metrics import BATCH_SECONDS
from hrapi.ingestion.models import Batch
from hrapi.ingestion.resubmission import replay_waiting
from hrapi.ingestion.sent import SentRow
from hrapi.ingestion.transactions import in_transaction
from hrapi.ingestion.validation import CheckedRow, validate_rows
from hrapi.ingestion.verdicts import Verdicts, judge_rows
from hrapi.ingestion.writing import add_to_counts, copy_rows, log_rejections, resolve_rows_of
from hrapi.tables import Table

# A row may have a quarter of a million characters, and is held several times while it is taken.
MAX_CHUNK_CHARACTERS = 2 * 1024 * 1024


def ingest_batch(table: Table, rows: Sequence[SentRow], origin: Origin) -> BatchResult:
    """Takes up to a thousand rows in one transaction, with the batch's record and the reject log.

    The same as posting the rows one by one, in order. Raises BusyError when other batches kept changing
    the same rows, and OperationalError when the database is gone; then nothing was stored.
    """
    started_at, begun = timezone.now(), time.perf_counter()
    checked = _checked(table, rows)

    def work() -> BatchResult:
        verdicts = judge_rows(table, checked, batch_id=None)
        result = BatchResult(table.name, origin.mode, origin.dry_run, first_row=checked[0].values)
        result.add(verdicts)
        if result.is_undone:
            result.undo_insertions()
        if not origin.dry_run:
            store_verdicts(table, verdicts, result, origin, started_at=started_at)
            result.replayed = replay_waiting(table, result.batch_id, origin)
        return result

    result = in_transaction(work)
    if not origin.dry_run:
        BATCH_SECONDS.labels(table.name).observe(time.perf_counter() - begun)
    return result


def _checked(table: Table, rows: Sequence[SentRow]) -> list[CheckedRow]:
    return validate_rows(table, recognise(table, rows))


class Follower:
    """Who follows a load. Each method does nothing unless a subclass says otherwise.

    A dry run is undone when it ends, with whatever was written in its transaction: it is told of last, outside.
    """

    def begun(self, batch_id: int) -> None:
        """Within the transaction that makes the batch of a load in partial mode."""

    def replayed(self, rows: int) -> None:
        """Within each transaction of a load in partial mode in which rows that waited were taken in."""

    def progressed(self, result: BatchResult) -> None:
        """After each thousand rows; in atomic mode and of a dry run within the transaction of them all.

        What it raises ends the load, which can go on later.
        """

    def ended(self, result: BatchResult) -> None:
        """Within the transaction that ends the load."""


def load_rows(
    table: Table,
    open_rows: Callable[[], Iterator[SentRow]],
    origin: Origin,
    follower: Follower,
    *,
    begun: Batch | None = None,
) -> BatchResult:
    """Takes any number of rows as one batch, in flat memory.

    In partial mode in transactions of a thousand rows: a load that was killed has kept whole ones. It goes on with
    the batch that it has `begun`; loaded anew it finds those rows unchanged. In atomic mode, and for a dry run, in
    one transaction. Only the last commit waits for the disk, and with it all are safe (docs/decisions/0008).
    `open_rows` gives the rows from the start each time it is called; what it raises, this raises.
    """
    if origin.dry_run or origin.mode == Batch.Mode.ATOMIC:
        result = in_transaction(lambda: _load_whole(table, open_rows(), origin, follower))
        if origin.dry_run:
            follower.ended(result)
        return result
    result = BatchResult(table.name, origin.mode, dry_run=False)
    if begun is None:
        chunks = _chunks(open_rows())
        chunks = chain([next(chunks)], chunks)
        batch_id = in_transaction(partial(_begin, table, origin, follower))
    else:
        batch_id = begun.pk
        for name in result.counts:
            setattr(result, name, getattr(begun, name))
        chunks = _chunks(islice(open_rows(), begun.received, None), may_be_none=True)
    result.batch_id = batch_id
    for chunk in chunks:
        checked = _checked(table, chunk)
        verdicts, replayed = in_transaction(
            partial(_take_part, table, checked, batch_id, origin, follower)
        )
        result.add(verdicts, lightly=True)
        result.replayed += replayed
        follower.progressed(result)
    in_transaction(partial(_end, batch_id, result, follower))
    return result


def _begin(table: Table, origin: Origin, follower: Follower) -> int:
    batch_id = create_batch(table, origin)
    follower.begun(batch_id)
    return batch_id


def _end(batch_id: int, result: BatchResult, follower: Follower) -> None:
    Batch.objects.filter(pk=batch_id).update(finished_at=timezone.now())
    follower.ended(result)


def _load_whole(
    table: Table, rows: Iterable[SentRow], origin: Origin, follower: Follower
) -> BatchResult:
    result = BatchResult(table.name, origin.mode, origin.dry_run)
    result.batch_id = create_batch(table, origin)
    corrected: list[int] = []
    for chunk in _chunks(rows):
        verdicts = _take_chunk(table, _checked(table, chunk), result.batch_id, origin)
        corrected += verdicts.corrected
        result.add(verdicts, lightly=True)
        follower.progressed(result)
    if result.is_undone:
        result.undo_insertions()
        # Deleting keeps the reject log of the same transaction; a rollback would erase it.
        table.model._default_manager.filter(batch_id=result.batch_id)._raw_delete(DEFAULT_DB_ALIAS)
    elif origin.mode == Batch.Mode.ATOMIC:
        resolve_corrected(table, corrected, result.batch_id, origin)
        resolve_rows_of(table, result.batch_id, user=origin.user_name)
        result.replayed = replay_waiting(table, result.batch_id, origin)
    if origin.dry_run:
        transaction.set_rollback(True)
        result.batch_id = None
        for rejection in result.rejections:
            rejection.rejected_row = None
    else:
        Batch.objects.filter(pk=result.batch_id).update(finished_at=timezone.now(), **result.counts)
        follower.ended(result)
    return result


def _take_part(
    table: Table, checked: list[CheckedRow], batch_id: int, origin: Origin, follower: Follower
) -> tuple[Verdicts, int]:
    """A chunk in a transaction that may reach the disk with a later one, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")
    verdicts = _take_chunk(table, checked, batch_id, origin)
    replayed = replay_waiting(table, batch_id, origin)
    if replayed:
        follower.replayed(replayed)
    return verdicts, replayed


def _take_chunk(table: Table, checked: list[CheckedRow], batch_id: int, origin: Origin) -> Verdicts:
    verdicts = judge_rows(table, checked, batch_id=batch_id)
    copy_rows(table, verdicts.inserts.values(), batch_id=batch_id)
    if origin.mode == Batch.Mode.ATOMIC:
        # What is taken may be taken back: entries are closed in the end.
        verdicts.resolve_nothing()
    else:
        resolve_taken(table, verdicts, batch_id, origin)
    look_again(table, verdicts.rejections)
    log_rejections(table, verdicts.rejections, batch_id=batch_id, user=origin.user_name)
    add_to_counts(batch_id, verdicts)
    return verdicts


def _chunks(rows: Iterable[SentRow], *, may_be_none: bool = False) -> Iterator[list[SentRow]]:
    """A thousand rows at a time; fewer where they are long, so that memory stays flat."""
    chunk: list[SentRow] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += row.size
        if len(chunk) == MAX_BATCH_ROWS or size >= MAX_CHUNK_CHARACTERS:
            yield chunk
            may_be_none = True
            chunk, size = [], 0
    if chunk:
        yield chunk
    elif not may_be_none:
        raise ProblemError(ProblemCode.EMPTY_BATCH, "There are no rows.")


def storable(text: str) -> str:
    """Whatever a message quotes: PostgreSQL takes neither NUL nor lone surrogates."""
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


def record_refusal(table: Table, problem: ProblemError, origin: Origin) -> int:
    """Keeps a batch for a request that was refused as a whole. Returns its id."""
    return create_batch(
        table,
        origin,
        created_at=(now := timezone.now()),
        finished_at=now,
        refused_code=problem.code.value,
        refused_detail=storable(problem.detail),
    )
