"""What has changed since the last export: its rows are known by their ids and hashes, kept in the order of ids."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from reports.lake.parquet import read_batches

HASH_BYTES = 16
STATE_SCHEMA = pa.schema(
    [pa.field("id", pa.int64(), False), pa.field("hash", pa.binary(HASH_BYTES), False)]
)


class Known(NamedTuple):
    """A row that an export holds."""

    id: int
    hash: bytes


class Found(NamedTuple):
    """A row as it is now, its id first."""

    row: tuple[Any, ...]
    hash: bytes


_BEFORE, _NOW, _TOLD = range(3)


def changed_rows(
    now: Iterable[Found],
    before: Iterable[Known],
    told: Iterable[int],
    *,
    keep: Callable[[Known], None],
) -> Iterator[tuple[int, tuple[Any, ...] | None]]:
    """The id of each row that differs, with the row, or None for one that is gone; all in the order of ids.

    `told` are ids that are given in any case: those of an increment that this one takes the place of. `keep` gets
    what is to be known of each row that is there. All that is given in is in the order of ids, each once.
    """
    merged = heapq.merge(
        ((known.id, _BEFORE, known.hash) for known in before),
        ((found.row[0], _NOW, found) for found in now),
        ((id_, _TOLD, None) for id_ in told),
        key=itemgetter(0),
    )
    for id_, entries in groupby(merged, key=itemgetter(0)):
        of: dict[int, Any] = {source: value for _, source, value in entries}
        found: Found | None = of.get(_NOW)
        if found:
            keep(Known(id_, found.hash))
        if _TOLD in of or of.get(_BEFORE) != (found and found.hash):
            yield id_, found.row if found else None


def read_state(path: Path) -> Iterator[Known]:
    for batch in read_batches(path):
        yield from map(Known, batch["id"].to_pylist(), batch["hash"].to_pylist())


def read_ids(paths: Sequence[Path]) -> Iterator[int]:
    """The ids in the files of an increment."""
    for path in paths:
        for batch in read_batches(path, ["id"]):
            yield from batch["id"].to_pylist()
