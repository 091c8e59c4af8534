"""One dataset into files of a local directory, laid out as they will lie in the lake."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from psycopg2 import sql

import hrapi
from hrapi.backups.manifest import NAME
from hrapi.backups.snapshot import Moment
from hrapi.places.directory import sweep
from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.reading import as_text, query_of
from reports.lake.changes import STATE_SCHEMA, Found, Known, changed_rows, read_ids, read_state
from reports.lake.manifest import ColumnEntry, FileEntry, Manifest, day_directory
from reports.lake.parquet import IS_DELETED, File, Parts, read_back, schema_of, schema_of_changes

STATE = "_state"
_LOCAL = "hrapi-export-"
_OF_KILLED_RUNS = re.compile(rf"{_LOCAL}{NAME.pattern}-\w+")
CHUNK_ROWS = 2000

OnProgress = Callable[[str, int], None]
Rows = Iterator[list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Before:
    """What the last export held, its id or, if it is an increment that is replaced, that of the one before it.

    `replaced` are the files of that increment.
    """

    state: Path
    replaced: Sequence[Path]
    since: str


@dataclass(frozen=True)
class Run:
    """What all exports of one run share. `connection` is in the transaction of the moment."""

    id: str
    moment: Moment
    connection: Any
    directory: Path
    on_progress: OnProgress

    def chunks(self, query: sql.Composable, name: str) -> Rows:
        done = 0
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(as_text(query))
            while rows := cursor.fetchmany(CHUNK_ROWS):
                yield rows
                done += len(rows)
                self.on_progress(name, done)


@contextmanager
def local_directory(run: str) -> Iterator[Path]:
    """A directory for what a run needs on the way. Those that runs left which were killed are removed."""
    sweep(Path(tempfile.gettempdir()), _OF_KILLED_RUNS)
    with tempfile.TemporaryDirectory(prefix=f"{_LOCAL}{run}-") as directory:
        yield Path(directory)


def state_path(dataset: str, run: str) -> str:
    return f"{STATE}/{dataset}/{run}.parquet"


def stage_full(run: Run, dataset: Dataset, columns: Sequence[Column]) -> Manifest:
    """All rows, by year where there is one, and what is to be known of them for the next increment."""
    year = dataset.year_column
    written = [column for column in columns if column.name != "year"]
    directory = run.directory / dataset.name / day_directory(run.moment.at.date())
    directory.mkdir(mode=0o700, parents=True)
    with Parts(directory, run.id, schema_of(written)) as parts:
        query = _select(dataset, [_year_of(year)] if year else [], written, by_year=year)
        for rows in run.chunks(query, dataset.name):
            if not year:
                parts.write(rows)
                continue
            for number, of_year in groupby(rows, key=itemgetter(0)):
                parts.write([row[1:] for row in of_year], f"year={number}")
    if not parts.files:
        with Parts(directory, run.id, schema_of(written)) as parts:
            # As deep as the files of other days: those who read several days at once want that.
            parts.write([], f"year={run.moment.at.year}" if year else "")
    if dataset.has_ids:
        with _State(run, dataset) as state:
            query = _select(dataset, [sql.Identifier("id"), _hash(columns)], [], by_year=None)
            for rows in run.chunks(query, dataset.name):
                for id_, hash_ in rows:
                    state.keep(Known(id_, bytes(hash_)))
    entries = tuple(ColumnEntry(name=c.name, type=c.type, nullable=c.is_nullable) for c in columns)
    return _manifest(run, dataset, directory, parts.files, entries, partitioned=bool(year))


def stage_changes(
    run: Run, dataset: Dataset, columns: Sequence[Column], before: Before
) -> Manifest:
    """The rows that differ from those of the last export. For datasets that have ids, of the same columns."""
    directory = run.directory / f"{dataset.name}-changes" / day_directory(run.moment.at.date())
    directory.mkdir(mode=0o700, parents=True)
    nothing = (None,) * (len(columns) - 1)
    query = _select(dataset, [_hash(columns)], columns, by_year=None)
    now = (
        Found(row[1:], bytes(row[0])) for rows in run.chunks(query, dataset.name) for row in rows
    )
    with (
        _State(run, dataset) as state,
        Parts(directory, run.id, schema_of_changes(columns)) as parts,
    ):
        waiting: list[tuple[Any, ...]] = []
        for id_, row in changed_rows(
            now, read_state(before.state), read_ids(before.replaced), keep=state.keep
        ):
            waiting.append((*row, False) if row else (id_, *nothing, True))
            if len(waiting) == CHUNK_ROWS:
                parts.write(waiting)
                waiting = []
        parts.write(waiting)
    entries = (
        *(ColumnEntry(name=c.name, type=c.type, nullable=c.name != "id") for c in columns),
        ColumnEntry(name=IS_DELETED, type="boolean", nullable=False),
    )
    return _manifest(run, dataset, directory, parts.files, entries, since=before.since)


class _State:
    """The file of what is known of the rows of this export. Use it as a context."""

    def __init__(self, run: Run, dataset: Dataset) -> None:
        path = run.directory / state_path(dataset.name, run.id)
        path.parent.mkdir(mode=0o700, parents=True)
        self._file = File(path, STATE_SCHEMA)
        self._waiting: list[Known] = []

    def __enter__(self) -> _State:
        return self

    def __exit__(self, kind: Any, *error: Any) -> None:
        if kind is None:
            self._file.write(self._waiting)
        self._file.close(kind is None)
        if kind is None:
            read_back(self._file)

    def keep(self, known: Known) -> None:
        self._waiting.append(known)
        if len(self._waiting) == CHUNK_ROWS:
            self._file.write(self._waiting)
            self._waiting = []


def _manifest(
    run: Run,
    dataset: Dataset,
    directory: Path,
    files: Sequence[FileEntry],
    columns: tuple[ColumnEntry, ...],
    *,
    partitioned: bool = False,
    since: str | None = None,
) -> Manifest:
    return Manifest(
        format=1,
        id=run.id,
        dataset=dataset.name,
        kind="incremental" if since else "full",
        since=since,
        processed_on=run.moment.at.date(),
        snapshot_at=run.moment.at,
        snapshot=run.moment.name,
        version=hrapi.__version__,
        rows=sum(file.rows for file in files),
        partitioned_by="year" if partitioned else None,
        columns=columns,
        files=tuple(files),
    )


def _select(
    dataset: Dataset,
    first: Sequence[sql.Composable],
    columns: Sequence[Column],
    *,
    by_year: Column | None,
) -> sql.Composable:
    """Rows of these expressions and columns, in the order of the dataset, or of the year and then that."""
    selected = [*first, *(sql.Identifier(column.name) for column in columns)]
    order = [*([_year_of(by_year)] if by_year else []), sql.SQL(dataset.sql_order)]
    return sql.SQL("SELECT {} FROM ({}) AS rows ORDER BY {}").format(
        sql.SQL(", ").join(selected), query_of(dataset), sql.SQL(", ").join(order)
    )


def _year_of(column: Column) -> sql.Composable:
    if column.type is Type.INTEGER:
        return sql.Identifier(column.name)
    of_utc = " AT TIME ZONE 'UTC'" if column.type is Type.DATETIME else ""
    return sql.SQL("extract(year FROM {}{})::int").format(
        sql.Identifier(column.name), sql.SQL(of_utc)
    )


def _hash(columns: Sequence[Column]) -> sql.Composable:
    """Of the text of a row, from which each value can be told."""
    return sql.SQL("substr(sha256(convert_to(ROW({})::text, 'UTF8')), 1, 16)").format(
        sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    )
