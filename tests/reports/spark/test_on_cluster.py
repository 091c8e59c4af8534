"""The reports of Spark on a real cluster equal those of the service, row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.reports.spark.lakes import rows_of
from tests.reports.spark.stored import answers, store

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
COLUMNS = {
    "quarterly-hires": ["year", "department", "job", "q1", "q2", "q3", "q4"],
    "departments-above-mean": ["year", "department_id", "department", "hired", "mean"],
    "hires-by-day": ["year", "date", "department_id", "department", "job_id", "job", "hires"],
}


@pytest.fixture
def db(committed_db: None) -> None:
    """An export reads what is committed."""


def reports_of(spark: Any, lake: Path, place: Path) -> dict[str, list[tuple[Any, ...]]]:
    from reports.spark.making import make_reports

    made = make_reports(spark, str(lake), str(place))

    assert len(made) == len(COLUMNS)
    return {name: rows_of(place, name, columns) for name, columns in COLUMNS.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reports_equal_those_of_the_service(
    spark: Any, db: None, tmp_path: Path, seed: int
) -> None:
    store(seed, employees=600)
    call_command("export_parquet", "departments", "jobs", "employees", to=str(tmp_path / "lake"))

    found = reports_of(spark, tmp_path / "lake", tmp_path / "out")

    assert found == answers()
    assert all(found.values())
