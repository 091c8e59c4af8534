"""A file of 300,000 employees: by `load`, and by COPY in transactions of 1,000."""

from __future__ import annotations

import csv
import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from hrapi.sample_data import employee_rows
from tests.benchmarks.batches import ROWS, copy, copy_lines
from tests.benchmarks.measuring import Row, command, seconds

FILE_ROWS = 300_000
LARGE_FILE_ROWS = 1_200_000


def measure() -> Iterator[Row]:
    ratios: list[float] = []
    peaks: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "employees.csv"
        for first_id in range(1, 5 * FILE_ROWS, FILE_ROWS):
            rows = list(employee_rows(FILE_ROWS, first_id=first_id))
            _write(path, rows)
            copied = seconds(partial(_copy_all, _prepared(rows)))
            _truncate()
            loaded = command("load", "employees", str(path))
            _truncate()
            ratios.append(loaded.seconds / copied)
            peaks.append(loaded.peak)
            note = f"{loaded.seconds:.1f} s to {copied:.1f} s"
        yield Row(
            "load of 300,000 rows from CSV, the command whole",
            statistics.median(ratios),
            1.7,
            note=note,
        )
        yield Row("peak memory of that load", max(peaks), 150, "MiB")
        _write(path, employee_rows(LARGE_FILE_ROWS, first_id=5 * FILE_ROWS + 1))
        large = command("load", "employees", str(path))
        _truncate()
        yield Row("peak memory of a load of 1,200,000 rows", large.peak, 150, "MiB")


def _write(path: Path, rows: Any) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(row.values() for row in rows)


def _prepared(rows: list[dict[str, Any]]) -> list[str]:
    return [copy_lines(rows[start : start + ROWS]) for start in range(0, len(rows), ROWS)]


def _copy_all(prepared: list[str]) -> None:
    for lines in prepared:
        copy(lines)


def _truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE employees")
