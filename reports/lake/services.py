"""Exports made: datasets as they are at one moment, published all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import Error

import hrapi
from hrapi.audit.recording import Action, record
from hrapi.backups.errors import BackupError
from hrapi.backups.locking import one_run_at_a_time
from hrapi.backups.places import new_name
from hrapi.backups.snapshot import Moment, one_snapshot
from reports.datasets.definition import Column, Dataset
from reports.lake.errors import ExportError, MissingError
from reports.lake.manifest import Manifest, last_export
from reports.lake.places import Lake
from reports.lake.run_log import RunLog
from reports.lake.staging import (
    Before,
    OnProgress,
    Run,
    local_directory,
    stage_changes,
    stage_full,
    state_path,
)

_KEY = 0x68726C61  # "hrla"


def export(
    lake: Lake,
    datasets: Sequence[Dataset],
    *,
    incremental: bool,
    with_names: bool,
    on_progress: OnProgress = lambda dataset, rows: None,
) -> list[Manifest]:
    """One export of each dataset, all of one moment.

    If `incremental`, those whose rows have ids hold what has changed since the last export, unless there is none
    with the same columns. Raises BusyError, ExportError, OSError, and then nothing was published.
    """
    run_id = new_name(datetime.now(UTC))
    with (
        one_run_at_a_time("export", key=_KEY, work="exports") as own,
        _logged(lake, run_id) as log,
    ):
        names = [dataset.name for dataset in datasets]
        kind = "what has changed" if incremental else "all rows"
        log.say(f"hrapi {hrapi.__version__} exports {kind} of {', '.join(names)} to {lake}.")
        if with_names:
            _record_names(lake, datasets)
        with (
            local_directory(run_id) as fetched,
            lake.staging(run_id) as directory,
        ):
            tables = sorted({table for dataset in datasets for table in dataset.sources})
            exports = []
            with one_snapshot(own, tables) as moment:
                log.say(f"The snapshot is {moment.name}, of {moment.at:%Y-%m-%dT%H:%M:%S.%fZ}.")
                run = Run(run_id, moment, own, directory, on_progress)
                for dataset in datasets:
                    columns = columns_of(dataset, with_names=with_names)
                    into = fetched / dataset.name
                    into.mkdir()
                    before = _before(lake, dataset, columns, moment, into, incremental=incremental)
                    made = (
                        stage_changes(run, dataset, columns, before)
                        if before
                        else stage_full(run, dataset, columns)
                    )
                    exports.append(made)
                    log.say(f"{in_words(made)} are written.")
            lake.publish(directory, exports, check_alone=lambda: _check_alone(own))
        log.say("All are published.")
    return exports


def _check_alone(own: Any) -> None:
    """Raises Error when the connection is gone, and the lock with it."""
    with own.cursor() as cursor:
        cursor.execute("SELECT 1")


def in_words(export: Manifest) -> str:
    """`employees/processed_on=2026-11-26  full  1,998 rows  43,210 bytes`."""
    return f"{export.directory}  {export.kind}  {export.rows:,} rows  {export.size:,} bytes"


def columns_of(dataset: Dataset, *, with_names: bool) -> tuple[Column, ...]:
    return tuple(column for column in dataset.columns if with_names or not column.personal_to)


def _before(
    lake: Lake,
    dataset: Dataset,
    columns: Sequence[Column],
    moment: Moment,
    into: Path,
    *,
    incremental: bool,
) -> Before | None:
    """What an increment goes on from; None where all rows are to be exported."""
    last = last_export(lake, dataset.name)
    if last is None:
        return None
    if last.snapshot_at >= moment.at:
        raise ExportError(
            f"{lake}/{last.directory} is dated {last.snapshot_at:%F %T} UTC, in the future: set the clock right or"
            " remove it."
        )
    had = [(c.name, c.type) for c in last.columns if c.type != "boolean"]
    if not (
        incremental
        and dataset.has_ids
        and had == [(column.name, column.type) for column in columns]
    ):
        return None
    try:
        state = lake.fetched(state_path(dataset.name, last.id), into)
    except MissingError as error:
        raise ExportError(f"{error} Make a full export, without --since.") from error
    today = moment.at.date()
    if last.kind == "incremental" and last.processed_on == today:
        files = [lake.fetched(f"{last.directory}/{file.path}", into) for file in last.files]
        return Before(state, files, since=last.since or "")
    return Before(state, [], since=last.id)


def _record_names(lake: Lake, datasets: Sequence[Dataset]) -> None:
    tables = {column.personal_to for dataset in datasets for column in dataset.columns}
    if tables := tables - {""}:
        record(Action.NAMES_EXPORTED, {"tables": sorted(tables), "place": str(lake)})


@contextmanager
def _logged(lake: Lake, run: str) -> Iterator[RunLog]:
    """A log of the run that says in the end why it failed, with a copy beside the data."""
    log = RunLog(run)
    try:
        yield log
    except BaseException as error:
        is_known = isinstance(error, (BackupError, OSError, Error))
        why = str(error).strip().partition("\n")[0] if is_known else type(error).__name__
        log.say(f"failed: {why}")
        with suppress(BackupError, OSError):
            lake.keep_log(log.path.name, log.path)
        raise
    log.say("done.")
    try:
        lake.keep_log(log.path.name, log.path)
    except (BackupError, OSError) as error:
        raise ExportError(
            f"All is published, but its log {log.path} could not be copied to {lake}: {error}"
        ) from error
