"""What monitoring is told of rows, batches and the reject log."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

OUTCOMES = ("inserted", "unchanged", "rejected", "not_attempted")

BATCH_SECONDS = Histogram(
    "hrapi_batch_seconds",
    "Seconds that batches took that were sent to the API, from their rows to the commit.",
    ["table"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

_BATCHES = """
    SELECT "table", sum(inserted), sum(unchanged), sum(rejected), sum(not_attempted), max(created_at)
    FROM batches GROUP BY "table" ORDER BY "table"
"""
# Lists of codes are few; they are taken apart when the rows have been counted.
_REJECTIONS = """
    SELECT "table", code, sum(number)
    FROM (SELECT "table", codes, count(*) AS number FROM rejected_rows GROUP BY 1, 2) AS counted,
        unnest(codes) AS code
    GROUP BY 1, 2 ORDER BY 1, 2
"""
_OPEN_REJECTIONS = """
    SELECT "table", code, count(*), min(created_at)
    FROM rejected_rows, unnest(codes) AS code
    WHERE status = 'open' GROUP BY 1, 2 ORDER BY 1, 2
"""


class IngestionCollector(Collector):
    """As the database has it: loads, commands and restored backups are in it."""

    def collect(self) -> Iterator[Metric]:
        yield from _batches()
        yield from _rejections()
        answers = GaugeMetricFamily(
            "hrapi_kept_answers", "Answers that are kept for requests that are sent again."
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kept_answers")
            answers.add_metric([], cursor.fetchone()[0])
        yield answers


def _batches() -> Iterator[Metric]:
    rows = CounterMetricFamily(
        "hrapi_rows", "Rows by what became of them.", labels=["table", "outcome"]
    )
    newest = GaugeMetricFamily(
        "hrapi_batch_newest_timestamp_seconds", "When the newest batch was begun.", labels=["table"]
    )
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES)
        for table, *numbers, begun in cursor.fetchall():
            for outcome, number in zip(OUTCOMES, numbers, strict=True):
                rows.add_metric([table, outcome], number)
            newest.add_metric([table], begun.timestamp())
    yield rows
    yield newest


def _rejections() -> Iterator[Metric]:
    labels = ["table", "code"]
    every = CounterMetricFamily(
        "hrapi_rejections", "Rows that were rejected, by each of their codes.", labels=labels
    )
    still_open = GaugeMetricFamily(
        "hrapi_open_rejections", "Rejected rows that nobody has dealt with.", labels=labels
    )
    oldest = GaugeMetricFamily(
        "hrapi_open_rejections_oldest_timestamp_seconds",
        "When the oldest of them was rejected.",
        labels=labels,
    )
    with connection.cursor() as cursor:
        cursor.execute(_REJECTIONS)
        for table, code, number in cursor.fetchall():
            every.add_metric([table, code], number)
        cursor.execute(_OPEN_REJECTIONS)
        for table, code, number, rejected_at in cursor.fetchall():
            still_open.add_metric([table, code], number)
            oldest.add_metric([table, code], rejected_at.timestamp())
    yield from (every, still_open, oldest)
