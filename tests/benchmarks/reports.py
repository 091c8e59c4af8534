"""Reports and CSV of a million employees by HTTP, beside SQL by hand and COPY; figures; what did not change."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.db import connection

from tests.benchmarks.batches import Ask, fill, server, store_references
from tests.benchmarks.measuring import Row, in_turn, milliseconds, ratio

ROWS = 1_000_000
TIMES = 9
CSV_TIMES = 3
UNCHANGED_TIMES = 100
YEAR = 2024

# Each written in two ways, of which the faster one counts: joined first, or counted first.
_BY_HAND = {
    "quarterly-hires": (
        """
        SELECT d.department, j.job,
            count(*) FILTER (WHERE extract(quarter FROM datetime AT TIME ZONE 'UTC') = 1) AS q1,
            count(*) FILTER (WHERE extract(quarter FROM datetime AT TIME ZONE 'UTC') = 2) AS q2,
            count(*) FILTER (WHERE extract(quarter FROM datetime AT TIME ZONE 'UTC') = 3) AS q3,
            count(*) FILTER (WHERE extract(quarter FROM datetime AT TIME ZONE 'UTC') = 4) AS q4
        FROM employees e JOIN departments d ON d.id = department_id JOIN jobs j ON j.id = job_id
        WHERE datetime >= '{year}-01-01Z' AND datetime < '{next}-01-01Z'
        GROUP BY d.id, j.id ORDER BY lower(department), lower(job)
        """,
        """
        SELECT department, job, q1, q2, q3, q4
        FROM (
            SELECT department_id, job_id,
                count(*) FILTER (WHERE datetime < '{year}-04-01Z') AS q1,
                count(*) FILTER (WHERE datetime >= '{year}-04-01Z' AND datetime < '{year}-07-01Z') AS q2,
                count(*) FILTER (WHERE datetime >= '{year}-07-01Z' AND datetime < '{year}-10-01Z') AS q3,
                count(*) FILTER (WHERE datetime >= '{year}-10-01Z') AS q4
            FROM employees WHERE datetime >= '{year}-01-01Z' AND datetime < '{next}-01-01Z'
            GROUP BY department_id, job_id
        ) AS e JOIN departments d ON d.id = department_id JOIN jobs j ON j.id = job_id
        ORDER BY lower(department), lower(job)
        """,
    ),
    "departments-above-mean": (
        """
        WITH hires AS (
            SELECT d.id, department, count(e.id) AS hired
            FROM departments d LEFT JOIN employees e
                ON department_id = d.id AND datetime >= '{year}-01-01Z' AND datetime < '{next}-01-01Z'
            GROUP BY d.id
        )
        SELECT * FROM hires WHERE hired > (SELECT avg(hired) FROM hires) ORDER BY hired DESC, id
        """,
        """
        WITH hires AS (
            SELECT d.id, department, coalesce(hired, 0) AS hired
            FROM departments d LEFT JOIN (
                SELECT department_id, count(*) AS hired FROM employees
                WHERE datetime >= '{year}-01-01Z' AND datetime < '{next}-01-01Z' GROUP BY department_id
            ) AS e ON department_id = d.id
        )
        SELECT * FROM hires WHERE hired > (SELECT avg(hired) FROM hires) ORDER BY hired DESC, id
        """,
    ),
}


def measure() -> Iterator[Row]:
    _have_a_million()
    with server("readers") as ask:
        for report, statements in _BY_HAND.items():
            path = f"/api/v1/reports/{report}/?year={YEAR}"
            by_http, *by_hand = in_turn(
                partial(ask, "GET", path),
                *(partial(_by_hand, sql) for sql in statements),
                times=TIMES,
            )
            best = min(by_hand, key=statistics.median)
            figures = [(http - 0.015) / sql for http, sql in zip(by_http, best, strict=True)]
            yield Row(
                f"{report} over 1,000,000 employees by HTTP",
                statistics.median(figures),
                1.3,
                "x the best SQL by hand, + 15 ms",
                note=f"{milliseconds(by_http)} to {milliseconds(best)}",
            )
            has = {"If-None-Match": ask("GET", path)["ETag"]}
            [unchanged] = in_turn(
                partial(ask, "GET", path, None, has, status=304), times=UNCHANGED_TIMES
            )
            yield Row(
                "the same when nothing changed (304)", 1000 * statistics.median(unchanged), 10, "ms"
            )
        yield from _charts(ask)
        download = partial(ask, "GET", "/api/v1/employees/?format=csv")
        by_http, by_copy = in_turn(download, _copy, times=CSV_TIMES)
        yield Row(
            "1,000,000 employees as CSV by HTTP, to the last byte",
            ratio(by_copy, by_http),
            0.5,
            "x the speed of COPY TO",
            at_least=True,
            note=f"{milliseconds(by_http)} to {milliseconds(by_copy)}",
        )


def _charts(ask: Ask) -> Iterator[Row]:
    """A figure reads the rows of its report, and puts them together once more."""
    name = "departments-above-mean"
    path = f"/api/v1/visualizations/{name}/figure/?year={YEAR}"
    report, figure = in_turn(
        partial(ask, "GET", f"/api/v1/reports/{name}/?year={YEAR}"),
        partial(ask, "GET", path),
        times=TIMES,
    )
    yield Row(
        f"figure of {name} over 1,000,000 employees",
        1000 * statistics.median(b - a for a, b in zip(report, figure, strict=True)),
        20,
        "ms more than the report",
        note=f"{milliseconds(figure)} to {milliseconds(report)}",
    )
    has = {"If-None-Match": ask("GET", path)["ETag"]}
    [unchanged] = in_turn(partial(ask, "GET", path, None, has, status=304), times=UNCHANGED_TIMES)
    yield Row("the same when nothing changed (304)", 1000 * statistics.median(unchanged), 10, "ms")


def _copy() -> None:
    with connection.cursor() as cursor, Path(os.devnull).open("wb") as nowhere:
        cursor.copy_expert("COPY employees TO STDOUT WITH (FORMAT csv)", nowhere)


def _have_a_million() -> None:
    store_references()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM employees")
        [there] = cursor.fetchone()
        if there != ROWS:
            cursor.execute("TRUNCATE employees")
            fill(1, ROWS)
        cursor.execute("VACUUM ANALYZE employees")
        cursor.execute("CHECKPOINT")


def _by_hand(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(year=YEAR, next=YEAR + 1))
        assert cursor.fetchall()
