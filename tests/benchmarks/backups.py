"""A million employees out of the tables and back, where they stay."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from tests.benchmarks.batches import fill
from tests.benchmarks.measuring import Row, command, seconds

ROWS = 1_000_000
TIMES = 5


def measure() -> Iterator[Row]:
    _truncate()
    fill(1, ROWS)
    with tempfile.TemporaryDirectory() as directory:
        copied_out = Path(directory) / "employees"
        with connection.cursor() as cursor, copied_out.open("w") as file:
            cursor.execute("VACUUM ANALYZE employees")
            cursor.copy_expert("COPY employees TO STDOUT", file)
        backups = [command("backup") for _ in range(TIMES)]
        ratios = []
        restores = []
        for _ in range(TIMES):
            _truncate()
            copied = seconds(lambda: _copy_in(copied_out))
            _truncate()
            restored = command("restore", "--from", "latest", "--no-input")
            restores.append(restored)
            ratios.append(restored.seconds / copied)
            note = f"{restored.seconds:.1f} s to {copied:.1f} s"
    slowest = sorted(run.seconds for run in backups)[TIMES // 2]
    yield Row(
        "backup of 1,000,000 employees, the command whole",
        ROWS / slowest,
        80_000,
        "rows/s",
        at_least=True,
        note=f"{slowest:.1f} s",
    )
    yield Row("peak memory of that backup", max(run.peak for run in backups), 150, "MiB")
    yield Row(
        "restore of them into an empty table, the command whole",
        sorted(ratios)[TIMES // 2],
        1.6,
        "x one COPY of the same rows",
        note=note,
    )
    yield Row("peak memory of that restore", max(run.peak for run in restores), 150, "MiB")


def _copy_in(path: Path) -> None:
    with transaction.atomic(), connection.cursor() as cursor, path.open() as file:
        cursor.copy_expert("COPY employees FROM STDIN", file)


def _truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE employees")
        cursor.execute("CHECKPOINT")
