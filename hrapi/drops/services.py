"""Taking the files of a drop folder, each exactly once by its content, whatever kills the process and when.

What has become of a content is in its load, in the database; a file is moved when that load has ended. So a file
that still lies there is not loaded, or half, and its load goes on, or whole, and its load is found by the hash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from django.utils import timezone

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.drops.content import Content, copied
from hrapi.drops.directory import DONE, FAILED, DropDirectory, Entry
from hrapi.drops.errors import ChangedError, InterruptedLoadError, RefusedError, WaitsError
from hrapi.drops.names import DropName, is_unfinished, read_name
from hrapi.drops.results import (
    is_of_another_file,
    result_of_load,
    result_of_problem,
    result_of_refusal,
)
from hrapi.ingestion.batches import Origin
from hrapi.ingestion.models import Batch
from hrapi.ingestion.services import record_refusal
from hrapi.ingestion.transactions import in_transaction
from hrapi.loads.locking import session_lock
from hrapi.loads.models import Load
from hrapi.loads.running import Outcome, abandon, run_load
from hrapi.loads.services import earlier_load
from hrapi.loads.stopping import StoppedError, should_stop

_LOCK = 0x64726F7073  # "drops"
GONE = (
    "The file went away, or was changed, before it was loaded whole. Drop it again: rows that are stored already"
    " are found unchanged."
)

WRITTEN_SINCE = (
    "it was written to after it was taken, and what came since is not loaded. Move it back to have it taken"
    " whole, or remove it."
)


class Kind(StrEnum):
    DONE = "done"
    REJECTED = "rejected"
    """Done, but for some of its rows."""
    FAILED = "failed"
    LEFT = "left"
    """It lies there as before, and nothing is wrong with that."""
    STUCK = "stuck"
    """It should have been taken, and could not be."""


@dataclass(frozen=True)
class Event:
    """What became of a file, in words."""

    name: str
    kind: Kind
    text: str


@contextmanager
def one_run_at_a_time() -> Iterator[bool]:
    """Whether no other run is at work on this database; if so, none is within the block."""
    with session_lock(_LOCK) as got:
        yield got


def take_drops(directory: DropDirectory, *, settle_seconds: float) -> Iterator[Event]:
    """What became of each file, as it comes about, in the order of days and of references.

    To be called within `one_run_at_a_time`. Raises StoppedError, InterruptedLoadError and DatabaseError: the next
    run goes on.
    """
    arrived, left = look_into(directory, settle_seconds=settle_seconds)
    yield from left
    for entry in arrived:
        if should_stop():
            raise StoppedError
        yield _take(directory, entry)
    lying = {entry.name for entry in directory.entries()}
    for load in Load.objects.filter(state__in=Load.UNENDED).exclude(date=None):
        if load.file_name not in lying:
            abandon(load, GONE)


def look_into(
    directory: DropDirectory, *, settle_seconds: float
) -> tuple[list[Entry], list[Event]]:
    """What is to be taken, in order: what is no drop first. And what is to be left, with the reason."""
    arrived = []
    left = [
        Event(f"{DONE}/{name}", Kind.STUCK, WRITTEN_SINCE) for name in directory.written_since()
    ]
    for entry in directory.entries():
        if is_unfinished(entry.name):
            continue
        if entry.is_directory:
            left.append(
                Event(entry.name, Kind.LEFT, "it is a directory; files in it are not taken.")
            )
        elif entry.still_for < settle_seconds:
            left.append(
                Event(
                    entry.name,
                    Kind.LEFT,
                    f"it may still be written: it is left until nothing has changed it for {settle_seconds:g}"
                    " seconds.",
                )
            )
        else:
            arrived.append(entry)
    return sorted(arrived, key=_order), left


def _order(entry: Entry) -> tuple[object, ...]:
    try:
        return (1, *read_name(entry.name).order, entry.name)
    except RefusedError:
        return (0, entry.name)


def _take(directory: DropDirectory, entry: Entry) -> Event:
    try:
        return _take_whole(directory, entry)
    except ChangedError:
        return Event(
            entry.name, Kind.LEFT, "it was changed meanwhile; it is looked at again later."
        )
    except WaitsError as error:
        return Event(entry.name, Kind.LEFT, str(error))
    except OSError as error:
        return Event(entry.name, Kind.STUCK, f"{error.strerror or error}.")


def _take_whole(directory: DropDirectory, entry: Entry) -> Event:
    name = entry.name
    try:
        drop = read_name(name)
        entry.check()
        with directory.opened(entry) as source:
            packed_bytes = entry.stat.st_size if drop.is_gzip else None
            with copied(source, packed_bytes=packed_bytes) as content:
                load = _loaded(entry, drop, content)
    except RefusedError as error:
        directory.put_away(entry, FAILED, result_of_refusal(name, str(error)))
        return Event(name, Kind.FAILED, str(error))
    except ProblemError as problem:
        batch = in_transaction(partial(_refusal_of, entry, drop, problem))
        directory.put_away(entry, FAILED, result_of_problem(name, drop, problem, batch))
        return Event(name, Kind.FAILED, problem.detail)
    result = result_of_load(entry, drop, load)
    if load.state == Load.State.FAILED:
        directory.put_away(entry, FAILED, result)
        return Event(name, Kind.FAILED, f"{load.error_detail} (load {load.pk})")
    directory.put_away(entry, DONE, result)
    return _done(entry, drop, load)


def _done(entry: Entry, drop: DropName, load: Load) -> Event:
    name = entry.name
    if is_of_another_file(entry, drop, load):
        return Event(name, Kind.DONE, f"load {load.pk} has taken the same content already.")
    counts = load.counts
    text = (
        f"{counts['received']:,} received: {counts['inserted']:,} inserted, {counts['unchanged']:,} unchanged,"
        f" {counts['rejected']:,} rejected (load {load.pk})."
    )
    if load.replayed:
        text += f" {load.replayed:,} rows that had waited for them were taken in."
    return Event(name, Kind.REJECTED if counts["rejected"] else Kind.DONE, text)


def _loaded(entry: Entry, drop: DropName, content: Content) -> Load:
    """The load that has taken the content, ended. Raises WaitsError while somebody else is at it."""
    load = in_transaction(partial(_load_of, entry, drop, content))
    if load.has_ended:
        return load
    outcome = Outcome.TAKEN
    if load.is_drop:
        outcome = run_load(load.pk, lambda _: nullcontext(content.file))
    if outcome == Outcome.TAKEN:
        raise WaitsError(f"load {load.pk} has the same content, and has not ended.")
    if outcome == Outcome.STOPPED:
        raise StoppedError
    if outcome == Outcome.INTERRUPTED:
        raise InterruptedLoadError
    load.refresh_from_db()
    return load


def _refusal_of(entry: Entry, drop: DropName, problem: ProblemError) -> int:
    """The batch that keeps it: that of an earlier run, if the file could not be moved then, or a new one."""
    known = Batch.objects.filter(
        table=drop.table.name,
        source=Batch.Source.COMMAND,
        file_name=entry.name,
        refused_code=problem.code.value,
        created_at__gte=entry.changed_at,
    ).first()
    if known is not None:
        return known.pk
    origin = Origin(source=Batch.Source.COMMAND, file_name=entry.name)
    return record_refusal(drop.table, problem, origin)


def _load_of(entry: Entry, drop: DropName, content: Content) -> Load:
    """The load that there is of the content, also of a run that was killed, or a new one."""
    known = earlier_load(drop.table, content.sha256) or _failed_load(entry, drop, content)
    if known is not None:
        return known
    now = timezone.now()
    return Load.objects.create(
        table=drop.table.name,
        date=drop.date,
        file_name=entry.name,
        bytes=content.bytes,
        sha256=content.sha256,
        format=drop.format,
        encoding="utf-8",
        header="auto",
        mode=Batch.Mode.PARTIAL,
        dry_run=False,
        state=Load.State.RUNNING,
        created_at=now,
        started_at=now,
    )


def _failed_load(entry: Entry, drop: DropName, content: Content) -> Load | None:
    """That of the very file, as it lies here since: it could not be moved, and would fail again and again."""
    failed = Load.objects.filter(
        table=drop.table.name,
        sha256=content.sha256,
        file_name=entry.name,
        date=drop.date,
        state=Load.State.FAILED,
        finished_at__gte=entry.changed_at,
    )
    # That is one which was given up, not one which failed.
    return failed.exclude(error_code=ProblemCode.CONFLICT).first()
