"""What a run would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterator

from hrapi.api.problems import ProblemError
from hrapi.drops.content import copied
from hrapi.drops.directory import DropDirectory, Entry
from hrapi.drops.errors import ChangedError, RefusedError
from hrapi.drops.names import read_name
from hrapi.drops.services import Event, Kind, look_into
from hrapi.loads.services import find_earlier_load


def plan_drops(directory: DropDirectory, *, settle_seconds: float) -> Iterator[Event]:
    """What would become of each file, in order. Its rows are not looked at: they depend on the files before."""
    arrived, left = look_into(directory, settle_seconds=settle_seconds)
    yield from left
    seen: set[tuple[str, str]] = set()
    for entry in arrived:
        yield _plan(directory, entry, seen)


def _plan(directory: DropDirectory, entry: Entry, seen: set[tuple[str, str]]) -> Event:
    name = entry.name
    try:
        drop = read_name(name)
        entry.check()
        packed_bytes = entry.stat.st_size if drop.is_gzip else None
        with (
            directory.opened(entry) as source,
            copied(source, packed_bytes=packed_bytes) as content,
        ):
            key = (drop.table.name, content.sha256)
    except RefusedError as error:
        return Event(name, Kind.FAILED, f"would fail: {error}")
    except ProblemError as problem:
        return Event(name, Kind.FAILED, f"would fail: {problem.detail}")
    except ChangedError:
        return Event(name, Kind.LEFT, "it is being changed; it would be left.")
    except OSError as error:
        return Event(name, Kind.STUCK, f"{error.strerror or error}.")
    known = find_earlier_load(*(drop.table, content.sha256))
    if known is not None and known.has_ended:
        return Event(
            name, Kind.DONE, f"would not be loaded: load {known.pk} has taken the same content."
        )
    if key in seen:
        return Event(name, Kind.DONE, "would not be loaded: a file before it has the same content.")
    seen.add(key)
    return Event(
        name, Kind.DONE, f"would be loaded into {drop.table.name}: {content.bytes:,} bytes."
    )
