"""What monitoring is told of backups."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hrapi.backups.errors import BackupError
from hrapi.backups.places import place_of
from hrapi.backups.status import newest_verified


class BackupCollector(Collector):
    """When the newest backup was made that is known to be whole, and when that was seen. Absent without one."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            newest = newest_verified(str(place_of(settings.BACKUP_PLACE)))
        except BackupError:
            return
        yield GaugeMetricFamily(
            "hrapi_backup_made_timestamp_seconds",
            "When the newest backup was begun that its last verification found whole.",
            newest.made_at.timestamp(),
        )
        yield GaugeMetricFamily(
            "hrapi_backup_verified_timestamp_seconds",
            "When that verification ended.",
            newest.verified_at.timestamp(),
        )
