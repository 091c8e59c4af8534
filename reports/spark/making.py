"""All reports, from an export to what is published."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from pyspark.sql import DataFrame, SparkSession

from reports.spark.hires import REPORTS, Report, Tables, count_hires
from reports.spark.lake import Chain, newest_moment, read
from reports.spark.places import Place
from reports.spark.publishing import new_run, publish, write


def make_reports(spark: SparkSession, source: str, to: str) -> list[str]:
    """The directories of the reports on the newest export in `source`. Says on stderr what it does.

    `spark` is a session as `session()` makes it. Raises SparkReportsError and what Spark raises; then nothing was
    published, unless it was publishing that failed.
    """
    lake, place = Place(spark, source), Place(spark, to)
    chains = newest_moment(lake, ("departments", "jobs", "employees"))
    manifest = chains["employees"].last.manifest
    _say(f"Reading the export {manifest['id']} of {manifest['snapshot_at']} ...")
    tables = _tables(spark, chains)
    with new_run(spark, place) as run:
        written = []
        for report in REPORTS:
            _say(f"Computing {report.name} ...")
            written.append(write(run, report.name, _rows(report, tables), manifest))
            _say(f"{report.name}: {written[-1]['rows']:,} rows")
        tables.hires.unpersist()
        return publish(run, written)


def _tables(spark: SparkSession, chains: Mapping[str, Chain]) -> Tables:
    employees = ("id", "datetime", "department_id", "job_id")
    return Tables(
        read(spark, chains["departments"], ("id", "department")),
        read(spark, chains["jobs"], ("id", "job")),
        # All reports are made of it: the employees are read once.
        count_hires(read(spark, chains["employees"], employees)).persist(),
    )


def _rows(report: Report, tables: Tables) -> DataFrame:
    """Those of a year side by side, in the order of the report."""
    ascending = [name not in report.descending for name in report.order]
    rows = report.frame(tables).repartition("year")
    return rows.sortWithinPartitions(*report.order, ascending=ascending).select(*report.columns)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
