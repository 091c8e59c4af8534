"""Counts that all workers share: how often something has happened within a time that begins with the first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from hrapi.api.models import Counter

_KEPT = timedelta(days=1)

# One statement, so that no two workers count to the same number; in the order of keys, so that nobody waits in
# a circle.
_COUNT = """
INSERT INTO counters AS c (key, hits, started_at)
SELECT key, 1, now() FROM unnest(%(keys)s) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN c.started_at > now() - %(window)s THEN c.hits + 1 ELSE 1 END,
    started_at = CASE WHEN c.started_at > now() - %(window)s THEN c.started_at ELSE now() END
RETURNING key, hits, extract(epoch FROM started_at + %(window)s - now())
"""
_READ = """
SELECT key, hits, extract(epoch FROM started_at + %(window)s - now())
FROM counters WHERE key = ANY(%(keys)s) AND started_at > now() - %(window)s
"""


@dataclass(frozen=True)
class Count:
    hits: int
    seconds_left: float
    """Until it begins anew."""


def count(keys: Collection[str], *, window: timedelta) -> Mapping[str, Count]:
    """Adds one to each, and says how many they are by that."""
    return _run(_COUNT, keys, window)


def read_counts(keys: Collection[str], *, window: timedelta) -> Mapping[str, Count]:
    """Those that there are."""
    return _run(_READ, keys, window)


def _run(statement: str, keys: Collection[str], window: timedelta) -> Mapping[str, Count]:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"keys": list(keys), "window": window}
        cursor.execute(statement, parameters)
        return {key: Count(hits, float(seconds)) for key, hits, seconds in cursor.fetchall()}


def forget(keys: Collection[str]) -> int:
    """How many of them there were."""
    number, _ = Counter.objects.filter(pk__in=keys).delete()
    return number


def purge_counters() -> int:
    """Removes those that have long begun anew; how many they were."""
    number, _ = Counter.objects.filter(started_at__lt=timezone.now() - _KEPT).delete()
    return number
