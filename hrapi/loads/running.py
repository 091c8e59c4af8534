"""Loading a file that was sent, from where an earlier run of it was interrupted."""

from __future__ import annotations

import logging
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from functools import partial
from typing import IO

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.garbage import rare_garbage_collection
from hrapi.ingestion.answers import describe_result
from hrapi.ingestion.batches import BatchResult, Origin
from hrapi.ingestion.models import Batch
from hrapi.ingestion.services import Follower, load_rows, record_refusal, storable
from hrapi.ingestion.transactions import in_transaction
from hrapi.loads.locking import load_lock
from hrapi.loads.models import Load, LoadPart
from hrapi.loads.stopping import StoppedError, should_stop
from hrapi.logs import log_context
from hrapi.tables import get_table

PROGRESS_SECONDS = 0.5
MAX_SHOWN_REJECTIONS = 100
INTERNAL_ERROR = "Something is wrong on our side. It has been logged."

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What a run of a load came to; of the load itself, its state tells."""

    DONE = "done"
    TAKEN = "taken"
    """Another worker is at it."""
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    """The database was gone or busy."""


OpenFile = Callable[[Load], AbstractContextManager[IO[bytes]]]
"""The file of a load, seekable. It may raise ProblemError."""


@contextmanager
def kept_file(load: Load) -> Iterator[IO[bytes]]:
    """The file as it was sent, from the database."""
    with tempfile.TemporaryFile() as file:
        _fetch_file(load, file)
        yield file


def run_load(load_id: int, open_file: OpenFile = kept_file) -> Outcome:
    """Works off a load that has not ended, alone. Raises nothing that the database or the file could cause."""
    with log_context(load_id=load_id):
        return _run(load_id, open_file)


def abandon(load: Load, detail: str) -> None:
    """Ends a load that has not ended and that nobody can go on with."""
    in_transaction(partial(_fail, load, ProblemCode.CONFLICT, detail))


def _run(load_id: int, open_file: OpenFile) -> Outcome:
    try:
        with load_lock(load_id) as got:
            if not got:
                return Outcome.TAKEN
            _work_off(load_id, open_file)
    except StoppedError:
        return Outcome.STOPPED
    except (DatabaseError, InterfaceError) as error:
        # Its text may hold people's data.
        name = type(error.__cause__ or error).__name__
        logger.warning("Load %s was interrupted by the database (%s); it goes on.", load_id, name)
        connection.close()
        return Outcome.INTERRUPTED
    return Outcome.DONE


def _work_off(load_id: int, open_file: OpenFile) -> None:
    unended = Load.objects.filter(pk=load_id, state__in=Load.UNENDED)
    unended.update(state=Load.State.RUNNING, started_at=Coalesce(F("started_at"), timezone.now()))
    load = unended.select_related("batch", "user").first()
    if load is None:
        return
    try:
        with open_file(load) as file:
            _take_rows(load, file)
    except ProblemError as problem:
        in_transaction(partial(_refuse, load, problem))
    except StoppedError:
        raise
    except Exception as error:
        if _is_of_the_database(error):
            raise
        # Where it happened, but not its text: that may hold people's data.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Load %s failed: %s\n%s", load_id, type(error).__name__, where)  # noqa: TRY400
        in_transaction(partial(_fail, load, ProblemCode.INTERNAL_ERROR, INTERNAL_ERROR))


def _is_of_the_database(error: Exception) -> bool:
    """Whether the database was gone or busy. psycopg2 knows no better name for a server that was killed."""
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def _fetch_file(load: Load, file: IO[bytes]) -> None:
    parts = LoadPart.objects.filter(load=load).values_list("data", flat=True)
    number = 0
    while (data := parts.filter(number=number).first()) is not None:
        file.write(data)
        number += 1
    if file.tell() != load.bytes:
        raise ProblemError(
            ProblemCode.CONFLICT,
            "The file is not kept here: a backup does not hold the files of loads that have not ended. Send it"
            " again: rows that are stored already are found unchanged.",
        )


def _take_rows(load: Load, file: IO[bytes]) -> None:
    table = get_table(load.table)
    with _followed(load, file) as follower, rare_garbage_collection():
        load_rows(
            table,
            lambda: load.file_options.read_rows(file, table),  # type: ignore[arg-type]
            _origin(load),
            follower,
            begun=load.batch,
        )


def _origin(load: Load) -> Origin:
    return Origin(
        source=Batch.Source.COMMAND if load.is_drop else Batch.Source.API,
        mode=Batch.Mode(load.mode),
        dry_run=load.dry_run,
        user=load.user,
        file_name=load.file_name,
    )


@contextmanager
def _followed(load: Load, file: IO[bytes]) -> Iterator[_LoadFollower]:
    follower = _LoadFollower(load, file)
    try:
        yield follower
    finally:
        follower.own.close()


class _LoadFollower(Follower):
    """Keeps the record of the load. Progress goes over a connection of its own, past the transaction at work."""

    def __init__(self, load: Load, file: IO[bytes]) -> None:
        self.own = connection.copy()
        self._load, self._file = load, file
        self._this = Load.objects.filter(pk=load.pk)
        self._shown_at = 0.0

    def begun(self, batch_id: int) -> None:
        self._this.update(batch=batch_id)

    def replayed(self, rows: int) -> None:
        self._this.update(replayed=F("replayed") + rows)

    def progressed(self, result: BatchResult) -> None:
        if should_stop():
            raise StoppedError
        now = time.monotonic()
        if now - self._shown_at >= PROGRESS_SECONDS:
            self._shown_at = now
            with self.own.cursor() as cursor:
                cursor.execute(
                    "UPDATE loads SET bytes_read = %s WHERE id = %s",
                    [self._file.tell(), self._load.pk],
                )

    def ended(self, result: BatchResult) -> None:
        if result.dry_run:
            in_transaction(lambda: self._finish(dry_run_answer=_shown(result)))
        elif result.mode == Batch.Mode.ATOMIC:
            self._finish(batch=result.batch_id, replayed=result.replayed)
        else:
            self._finish()

    def _finish(self, **members: object) -> None:
        _end(self._load, state=Load.State.FINISHED, bytes_read=self._load.bytes, **members)


def _shown(result: BatchResult) -> dict[str, object]:
    answer = describe_result(result)
    return answer | {"rejected_rows": answer["rejected_rows"][:MAX_SHOWN_REJECTIONS]}


def _refuse(load: Load, problem: ProblemError) -> None:
    batch = load.batch_id
    if batch is None and not load.dry_run:
        batch = record_refusal(get_table(load.table), problem, _origin(load))
    _fail(load, problem.code, problem.detail, batch=batch)


def _fail(load: Load, code: ProblemCode, detail: str, **members: object) -> None:
    _end(
        load,
        state=Load.State.FAILED,
        error_code=code.value,
        error_detail=storable(detail),
        **members,
    )


def _end(load: Load, **members: object) -> None:
    Load.objects.filter(pk=load.pk).update(finished_at=timezone.now(), **members)
    LoadPart.objects.filter(load=load).delete()
