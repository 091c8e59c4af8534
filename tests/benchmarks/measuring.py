from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True)
class Row:
    """One line of the table that is printed: a figure and the limit it has to keep."""

    work: str
    figure: float
    limit: float
    unit: str = "x COPY"
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turn(*works: Callable[[], object], times: int) -> list[list[float]]:
    """The seconds of each work, `times` over, A B A B …, after one round that does not count."""
    for work in works:
        work()
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for number, work in enumerate(works):
            taken[number].append(seconds(work))
    return taken


def ratio(of: list[float], to: list[float]) -> float:
    """The median of the ratios, pair by pair."""
    return statistics.median(a / b for a, b in zip(of, to, strict=True))


def milliseconds(taken: list[float]) -> str:
    return f"{statistics.median(taken) * 1000:.1f} ms"


def print_machine() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [version] = cursor.fetchone()
    print(
        f"Python {platform.python_version()}, PostgreSQL {version}, {os.cpu_count()} processors\n"
    )


def print_table(rows: list[Row]) -> None:
    print(f"{'work':<62} {'measured':>10} {'limit':>10}  unit")
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        verdict = "" if row.holds else "  MISSED"
        print(
            f"{row.work:<62} {row.figure:>10.2f} {sign}{row.limit:>9.2f}  {row.unit}"
            f"{f' ({row.note})' if row.note else ''}{verdict}"
        )


@dataclass(frozen=True)
class Run:
    """How long a command took, its start included, and the most memory that it had, in MiB."""

    seconds: float
    peak: float


def command(*arguments: str, environment: Mapping[str, str] = os.environ, code: int = 0) -> Run:
    """Runs `manage.py` with these arguments as a process of its own, which is to end with this code."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # The kernel keeps the peak itself; the figure of a finished process would count this one's memory too.
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_of(process.pid))
        time.sleep(0.02)
    if process.returncode != code:
        raise RuntimeError(f"{arguments} ended with {process.returncode}.")
    return Run(time.perf_counter() - started, peak)


def _peak_of(pid: int) -> float:
    """The most memory that a running process has had so far, in MiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
