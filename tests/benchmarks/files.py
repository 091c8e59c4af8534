"""A file of 300,000 employees: by `load`, and by COPY in transactions of 1,000."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from hrapi.sample_data import employee_rows
from tests.benchmarks.batches import ROWS, copy, copy_lines
from tests.benchmarks.measuring import Row, seconds

FILE_ROWS = 300_000
LARGE_FILE_ROWS = 1_200_000


def measure() -> Iterator[Row]:
    ratios: list[float] = []
    peaks: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "employees.csv"
        for first_id in (1, 5_000_001, 10_000_001):
            rows = list(employee_rows(FILE_ROWS, first_id=first_id))
            _write(path, rows)
            copied = seconds(partial(_copy_all, _prepared(rows)))
            _truncate()
            loaded, peak = _load(path)
            _truncate()
            ratios.append(loaded / copied)
            peaks.append(peak)
            note = f"{loaded:.1f} s to {copied:.1f} s"
        yield Row(
            "load of 300,000 rows from CSV, the command whole", sorted(ratios)[1], 1.7, note=note
        )
        yield Row("peak memory of that load", max(peaks), 150, "MiB")
        _write(path, employee_rows(LARGE_FILE_ROWS, first_id=20_000_001))
        _, peak = _load(path)
        _truncate()
        yield Row("peak memory of a load of 1,200,000 rows", peak, 150, "MiB")


def _write(path: Path, rows: Any) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(row.values() for row in rows)


def _prepared(rows: list[dict[str, Any]]) -> list[str]:
    return [copy_lines(rows[start : start + ROWS]) for start in range(0, len(rows), ROWS)]


def _copy_all(prepared: list[str]) -> None:
    for lines in prepared:
        copy(lines)


def _load(path: Path) -> tuple[float, float]:
    """Seconds and peak MiB of the command."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "load", "employees", str(path)],
        env=os.environ,
        stdout=subprocess.DEVNULL,
    )
    # The kernel keeps the peak itself; the figure of a finished process would count this one's memory too.
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_of(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - started, peak


def _peak_of(pid: int) -> float:
    """The most memory that a running process has had so far, in MiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE employees")
