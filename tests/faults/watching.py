"""What processes hold while a service works for long, and whether it grows."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
# Of a run: before this part of it is over caches fill, and nothing is held against anybody.
WARM_UP = 0.2
# What may come on top: of memory and of files on the disk a tenth and 5 MiB, of handles a tenth and a few.
SHARE = 0.1
SPARE = {"memory": 5 * MIB, "disk": 5 * MIB, "handles": 4}
# The 95th percentile of the last tenth of a run, to that of the third tenth.
SLOWER = 1.5


@dataclass(frozen=True)
class Sample:
    """What was held `at` so many seconds since the start, by what holds it."""

    at: float
    memory: Mapping[str, float]
    """Bytes."""
    handles: Mapping[str, float]
    """Open files, sockets and connections."""
    disk: Mapping[str, float]
    """Bytes."""


@dataclass(frozen=True)
class Request:
    """A request that was due `at` so many seconds since the start, and how long its answer took from then."""

    at: float
    seconds: float


def memory_of(pid: int) -> int:
    """Bytes of a process; what it shares is divided by the number of those who share it (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"The kernel does not tell the memory of {pid}.")


def handles_of(pid: int) -> int:
    """How many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def bytes_under(directory: Path) -> int:
    """Of all files in it, at any depth; those that go meanwhile do not count."""
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


@contextmanager
def watching(look: Callable[[float], Sample], *, every: float) -> Iterator[list[Sample]]:
    """A list that gets a sample each so many seconds, the first at once and one more at the end."""
    begun = time.monotonic()
    samples = [look(0)]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(every):
            samples.append(look(time.monotonic() - begun))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        stop.set()
        watcher.join()
    samples.append(look(time.monotonic() - begun))


def growth(points: Sequence[tuple[float, float]]) -> float:
    """How much a straight line through the points rises from the first to the last."""
    slope, _ = statistics.linear_regression([at for at, _ in points], [held for _, held in points])
    return slope * (points[-1][0] - points[0][0])


def percentile(seconds: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed; of none 0."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


def in_tenth(requests: Sequence[Request], number: int, seconds: float) -> list[float]:
    """How long the requests took that were due in that tenth of the run, from 0 to 9."""
    return [each.seconds for each in requests if each.at // (seconds / 10) == number]


def judge(samples: Sequence[Sample], requests: Sequence[Request], *, seconds: float) -> list[str]:
    """What grew in a run of so many seconds; nothing is what is wished."""
    found = []
    warm = [sample for sample in samples if sample.at >= WARM_UP * seconds]
    for kind, spare in SPARE.items():
        for name in getattr(samples[-1], kind):
            points = [(s.at, getattr(s, kind)[name]) for s in warm if name in getattr(s, kind)]
            if len(points) < 4:
                found.append(f"{name}: its {kind} was seen {len(points)} times only")
                continue
            few = max(1, len(points) // 10)
            first = statistics.mean(held for _, held in points[:few])
            last = statistics.mean(held for _, held in points[-few:])
            allowed = SHARE * first + spare
            if max(last - first, growth(points)) > allowed:
                found.append(
                    f"{name}: its {kind} grew from {first:,.0f} to {last:,.0f}, by a line through"
                    f" all of it by {growth(points):,.0f}; {allowed:,.0f} are allowed"
                )
    before = percentile(in_tenth(requests, 2, seconds), 95)
    after = percentile(in_tenth(requests, 9, seconds), 95)
    if not 0 < after <= SLOWER * before:
        found.append(f"95 % took {before:.3f} s in the third tenth and {after:.3f} s in the last")
    return found
