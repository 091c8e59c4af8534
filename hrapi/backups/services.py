"""Backups made, verified and restored, one run at a time, with a record of every run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import Error, connection
from django.utils import timezone

import hrapi
from hrapi.audit.recording import Action, record
from hrapi.backups.errors import BackupError, BadBackupError, UnreadableError
from hrapi.backups.locking import ctrl_c_cancels, one_run_at_a_time
from hrapi.backups.manifest import Manifest, Trigger, Versions, write_manifest
from hrapi.backups.models import BackupRun
from hrapi.backups.places import LATEST, Place, new_name, newest, resolve
from hrapi.backups.pruning import Keep, reasons_to_keep
from hrapi.backups.restoring import restore_tables
from hrapi.backups.snapshot import write_snapshot
from hrapi.backups.staging import OnProgress, Plan, RestoreMode, plan_restore
from hrapi.backups.stored import StoredTable
from hrapi.backups.verification import verify
from hrapi.privacy.records import known_records

MAX_DETAIL_CHARACTERS = 1000


def make_backup(
    place: Place,
    tables: Sequence[StoredTable],
    *,
    codec: str = "deflate",
    trigger: Trigger = "manual",
    on_progress: OnProgress = lambda table, rows: None,
) -> Manifest:
    """One backup of the tables, as they are at one moment. Raises BusyError, BackupError, OSError."""
    with (
        recorded(BackupRun.Kind.BACKUP, place, trigger=trigger) as run,
        one_run_at_a_time("backup") as own,
    ):
        names = [table.name for table in tables]
        record(Action.BACKUP, {"run": run.pk, "trigger": trigger, "tables": names})
        manifest = _write(own, place, tables, codec, trigger, on_progress)
        run.backup = manifest.id
        run.detail = f"{manifest.rows:,} rows, {manifest.bytes:,} bytes."
    return manifest


def _write(
    own: Any,
    place: Place,
    tables: Sequence[StoredTable],
    codec: str,
    trigger: Trigger,
    on_progress: OnProgress,
) -> Manifest:
    started_at = datetime.now(UTC)
    name = new_name(started_at)
    with place.new(name) as directory:
        snapshot = write_snapshot(own, tables, directory, codec=codec, on_progress=on_progress)
        manifest = Manifest(
            format=1,
            id=name,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            versions=Versions(app=hrapi.__version__, server=snapshot.server_version),
            snapshot=snapshot.name,
            codec=codec,
            trigger=trigger,
            tables=snapshot.entries,
        )
        write_manifest(directory, manifest)
    return manifest


def verify_backup(
    place: Place, name: str, *, deep: bool = False, trigger: Trigger = "manual"
) -> Manifest:
    """The manifest of a backup that is whole and unchanged. Raises BadBackupError otherwise."""
    with recorded(BackupRun.Kind.VERIFY, place, name, trigger=trigger) as run:
        # That there is none is known of the newest one, too.
        run.of_newest = name == LATEST
        run.backup = resolve(place, name)
        run.of_newest |= run.backup == newest(place)
        with place.fetched(run.backup) as directory:
            manifest = verify(directory, deep=deep)
        run.detail = f"{manifest.rows:,} rows, {manifest.bytes:,} bytes" + (
            ", every row decoded." if deep else "."
        )
    return manifest


def plan(
    place: Place,
    name: str,
    choose: Callable[[Manifest], Sequence[StoredTable]],
    mode: RestoreMode,
    *,
    safety_place: Place,
    on_progress: OnProgress = lambda table, rows: None,
) -> Plan:
    """What a restore would do now. Verifies the backup first."""
    with recorded(BackupRun.Kind.RESTORE, place, name, trigger="manual") as run, ctrl_c_cancels():
        run.backup = resolve(place, name)
        with place.fetched(run.backup) as directory:
            manifest = verify(directory)
            tables = choose(manifest)
            found = plan_restore(
                directory,
                manifest,
                tables,
                mode,
                on_progress=on_progress,
                erasures=known_records([place, safety_place]),
            )
        run.detail = f"Only shown, {mode}: {_in_words(found)}"
    return found


def restore(
    place: Place,
    name: str,
    choose: Callable[[Manifest], Sequence[StoredTable]],
    mode: RestoreMode,
    *,
    may_destroy: bool,
    safety_place: Place,
    safety_tables: Sequence[StoredTable],
    on_progress: OnProgress = lambda table, rows: None,
    on_safety_backup: Callable[[Manifest], None] = lambda manifest: None,
) -> Plan:
    """Restores tables of a backup, verified first. Where rows change or go, a backup of all is made before.

    `choose` gets the manifest and gives the tables. What was erased since stays away: the database, the place and
    `safety_place` say what that is. Raises BackupError, also where rows would change or go
    without `may_destroy`; then nothing was changed.
    """
    with (
        recorded(BackupRun.Kind.RESTORE, place, name, trigger="manual") as run,
        one_run_at_a_time("restore") as own,
    ):
        run.backup = resolve(place, name)
        record(Action.RESTORE, {"run": run.pk, "backup": run.backup, "mode": mode.value})

        def make_safe(plan: Plan) -> None:
            if not may_destroy:
                raise BackupError(
                    "Nothing was changed: rows came meanwhile that would change or go."
                    " Look at the plan again."
                )
            on_safety_backup(
                _write(
                    own,
                    safety_place,
                    safety_tables,
                    "deflate",
                    "before-restore",
                    lambda table, rows: None,
                )
            )

        with place.fetched(run.backup) as directory:
            manifest = verify(directory)
            done = restore_tables(
                directory,
                manifest,
                choose(manifest),
                mode,
                before_destroying=make_safe,
                on_progress=on_progress,
                erasures=known_records([place, safety_place]),
            )
        run.detail = f"{mode}: {_in_words(done)}"
    return done


def _in_words(plan: Plan) -> str:
    return ", ".join(
        f"{t.table} {t.insert:,} inserted, {t.update:,} updated, {t.delete:,} deleted"
        for t in plan.tables
    )


@dataclass(frozen=True)
class Pruned:
    """For each backup why it is kept, nothing for one that goes; and what is wrong with bad ones."""

    reasons: dict[str, list[str]]
    bad: dict[str, str]


def prune_backups(place: Place, keep: Keep, *, really: bool, trigger: Trigger = "manual") -> Pruned:
    """Verifies all backups of a place, and removes those that nothing keeps or, without `really`, says which.

    Backups of all tables, of some, and those made before a restore are counted apart.
    """
    with (
        recorded(BackupRun.Kind.PRUNE, place, trigger=trigger) as run,
        one_run_at_a_time("prune"),
    ):
        verified: dict[str, list[str]] = defaultdict(list)
        bad = {}
        for name in place.names():
            try:
                with place.fetched(name) as directory:
                    verified[verify(directory).kind].append(name)
            except (BadBackupError, UnreadableError) as error:
                bad[name] = str(error)
        pinned = place.pinned()
        reasons: dict[str, list[str]] = {}
        for names in verified.values():
            reasons |= reasons_to_keep(names, pinned, keep)
        going = sorted(name for name, why in reasons.items() if not why)
        if really:
            record(Action.PRUNE, {"run": run.pk, "trigger": trigger, "backups": going})
            for name in going:
                place.remove(name)
        done = "removed" if really else "would go"
        run.detail = f"{len(going)} {done}, {len(reasons) - len(going)} kept, {len(bad)} bad."
    return Pruned(reasons, bad)


@contextmanager
def recorded(
    kind: BackupRun.Kind, place: Place, backup: str = "", *, trigger: str
) -> Iterator[BackupRun]:
    """A record of this run, which says in the end what it did or why it failed."""
    run = BackupRun.objects.create(kind=kind, place=str(place), backup=backup, trigger=trigger)
    try:
        yield run
    except BaseException as error:
        run.outcome = BackupRun.Outcome.FAILED
        run.detail = _why(error)[:MAX_DETAIL_CHARACTERS]
        raise
    else:
        run.outcome = BackupRun.Outcome.DONE
    finally:
        run.finished_at = timezone.now()
        _save(run)


def _why(error: BaseException) -> str:
    is_known = isinstance(error, (BackupError, OSError, Error))
    return str(error).partition("\n")[0] if is_known else type(error).__name__


def _save(run: BackupRun) -> None:
    try:
        run.save()
    except Error:
        # This connection has had nothing to do meanwhile, and may have died. A new one is tried.
        connection.close()
        try:
            run.save()
        except Error as error:
            # Else the run has failed, and says why: the record stays without an end.
            if run.outcome is BackupRun.Outcome.DONE:
                raise BackupError(
                    f"{run.backup or run.kind} is done, but that could not be recorded: {_why(error)}"
                ) from error
