"""The reports on hires as DataFrames. The session's time zone must be UTC: its years, quarters and days count.

No Python runs on the workers, so they need none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 (its usual name)


@dataclass(frozen=True)
class Tables:
    """What is reported on: `departments` (id, department), `jobs` (id, job), `hires` (as of `count_hires`)."""

    departments: DataFrame
    jobs: DataFrame
    hires: DataFrame


@dataclass(frozen=True)
class Report:
    """`frame` makes its rows; of them `columns` are shown, in `order`, largest first by those `descending`.

    The first column of both is `year`.
    """

    name: str
    frame: Callable[[Tables], DataFrame]
    columns: tuple[str, ...]
    order: tuple[str, ...]
    descending: frozenset[str] = frozenset()


def count_hires(employees: DataFrame) -> DataFrame:
    """`year, date, department_id, job_id, hires` of employees (datetime, department_id, job_id)."""
    day = F.to_date("datetime").alias("date")
    counted = employees.groupBy(day, "department_id", "job_id").agg(F.count("*").alias("hires"))
    return counted.withColumn("year", F.year("date"))


def quarterly_hires(tables: Tables) -> DataFrame:
    quarters = (
        F.sum(F.when(F.quarter("date") == quarter, F.col("hires")).otherwise(0)).alias(
            f"q{quarter}"
        )
        for quarter in range(1, 5)
    )
    counted = tables.hires.groupBy("year", "department_id", "job_id").agg(*quarters)
    return _with_job(tables, _with_department(tables, counted))


def departments_above_mean(tables: Tables) -> DataFrame:
    """Departments without a hire count in the mean. Whole numbers are compared: no rounding decides."""
    hired = tables.hires.groupBy("year", "department_id").agg(F.sum("hires").alias("hired"))
    total = F.sum("hired").over(Window.partitionBy("year"))
    departments = tables.departments.agg(F.count("*").alias("departments"))
    compared = hired.withColumn("total", total).crossJoin(departments)
    above = compared.where(F.col("hired") * F.col("departments") > F.col("total"))
    mean = F.col("total") / F.col("departments")
    return _with_department(tables, above).withColumn("mean", mean)


def hires_by_day(tables: Tables) -> DataFrame:
    return _with_job(tables, _with_department(tables, tables.hires))


def folded(text: str) -> Column:
    """The column as `str.casefold()` has it, which Spark does not know: by it the service sorts names."""
    characters = (chr(code) for code in range(sys.maxunicode + 1))
    changed = [character for character in characters if character.casefold() != character]
    single = "".join(character for character in changed if len(character.casefold()) == 1)
    return reduce(
        lambda column, one: F.replace(column, F.lit(one), F.lit(one.casefold())),
        (character for character in changed if len(character.casefold()) > 1),
        F.translate(text, single, single.casefold()),
    )


def _with_department(tables: Tables, frame: DataFrame) -> DataFrame:
    return _with_names(frame, tables.departments, "department")


def _with_job(tables: Tables, frame: DataFrame) -> DataFrame:
    return _with_names(frame, tables.jobs, "job")


def _with_names(frame: DataFrame, table: DataFrame, name: str) -> DataFrame:
    """With `<name>` and `<name>_folded` of each `<name>_id`. Fails where there is no such row: none drops out."""
    id_ = f"{name}_id"
    names = table.select(F.col("id").alias(id_), name, folded(name).alias(f"{name}_folded"))
    missing = F.raise_error(F.concat(F.lit(f"No {name} has id "), F.col(id_), F.lit(".")))
    joined = frame.join(F.broadcast(names), id_, "left")
    return joined.withColumn(name, F.coalesce(name, missing.cast("string")))


_KEYS = ("department_id", "department", "job_id", "job")

REPORTS = (
    Report(
        "quarterly-hires",
        quarterly_hires,
        ("year", *_KEYS, "q1", "q2", "q3", "q4"),
        ("year", "department_folded", "job_folded", "department_id", "job_id"),
    ),
    Report(
        "departments-above-mean",
        departments_above_mean,
        ("year", "department_id", "department", "hired", "mean"),
        ("year", "hired", "department_id"),
        frozenset({"hired"}),
    ),
    Report(
        "hires-by-day",
        hires_by_day,
        ("year", "date", *_KEYS, "hires"),
        ("year", "date", "department_id", "job_id"),
    ),
)
