"""The reports of Spark over generated exports of 1, 5 and 20 million employees, on a cluster of two workers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from reports.spark.errors import SparkReportsError
from reports.spark.session import check_java
from tests.benchmarks.measuring import Row, command
from tests.reports.spark.cluster import cluster
from tests.reports.spark.lakes import SCHEMAS, export, write

MILLIONS = (1, 5, 20)
_DEPARTMENTS, _JOBS = 12, 180
_AT_A_TIME = 1_000_000
_TABLES_A_FILE = 4
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST, _END = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2016, 2026))


def measure() -> Iterator[Row]:
    try:
        check_java()
    except SparkReportsError as error:
        print(f"The reports of Spark are NOT MEASURED: {error}\n")
        return
    taken = {}
    with tempfile.TemporaryDirectory(prefix="hrapi-bench-spark-") as directory:
        home = Path(directory)
        (home / "spark-defaults.conf").write_text("spark.executor.memory 1g\n")
        with cluster(home) as master:
            for millions in MILLIONS:
                lake = home / f"{millions}-million"
                generate(lake, millions)
                places = ("--from", str(lake), "--to", str(home / "out"), "--master", master)
                environment = os.environ | {"SPARK_CONF_DIR": directory}
                taken[millions] = command("spark_reports", *places, environment=environment).seconds
    few, more, many = (taken[millions] for millions in MILLIONS)
    yield Row(
        "reports by Spark on two workers over 20 million employees",
        many / more,
        # Most of the time of five million rows is starting. Four times their own part is less than that; were it
        # to grow with the square of the rows, it would be more.
        2.0,
        "x over 5 million",
        note=f"{many:.1f} s to {more:.1f} s; 5 million {more / few:.2f} x 1 million in {few:.1f} s",
    )


def generate(lake: Path, millions: int) -> None:
    """An export of so many employees of ten years, a million in memory at a time."""
    for dataset, name, count in (
        ("departments", "department", _DEPARTMENTS),
        ("jobs", "job", _JOBS),
    ):
        export(lake, dataset, _NOW, [{"id": n, name: f"{name} {n}"} for n in range(1, count + 1)])
    chance = np.random.default_rng(millions)
    firsts = range(1, millions * _AT_A_TIME + 1, _AT_A_TIME)
    # As large as files of exports are.
    files = (firsts[at : at + _TABLES_A_FILE] for at in range(0, millions, _TABLES_A_FILE))
    write(lake, "employees", _NOW, ((_employees(chance, first) for first in of) for of in files))


def _employees(chance: Any, first: int) -> pa.Table:
    departments = chance.integers(1, _DEPARTMENTS + 1, _AT_A_TIME)
    jobs = chance.integers(1, _JOBS + 1, _AT_A_TIME)
    columns = {
        "id": np.arange(first, first + _AT_A_TIME),
        "datetime": chance.integers(_FIRST, _END, _AT_A_TIME) * 1_000_000,
        "department_id": departments,
        "department": np.array([f"department {n}" for n in range(_DEPARTMENTS + 1)])[departments],
        "job_id": jobs,
        "job": np.array([f"job {n}" for n in range(_JOBS + 1)])[jobs],
    }
    schema = SCHEMAS["employees"]
    return pa.Table.from_arrays(
        [pa.array(columns[field.name]).cast(field.type) for field in schema], schema=schema
    )
