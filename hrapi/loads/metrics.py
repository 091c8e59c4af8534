"""What monitoring is told of files that are to be loaded."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hrapi.loads.models import Load


class LoadCollector(Collector):
    """How many wait and are at work, and since when the oldest waits; that is absent when none waits."""

    def collect(self) -> Iterator[Metric]:
        unended = Load.objects.filter(state__in=Load.UNENDED).order_by().values_list("state")
        found = {
            state: (number, oldest)
            for state, number, oldest in unended.annotate(Count("id"), Min("created_at"))
        }
        loads = GaugeMetricFamily(
            "hrapi_loads", "Files that have been sent and not yet loaded.", labels=["state"]
        )
        for state in Load.UNENDED:
            loads.add_metric([state.value], found.get(state, (0, None))[0])
        yield loads
        if Load.State.WAITING in found:
            yield GaugeMetricFamily(
                "hrapi_loads_oldest_waiting_timestamp_seconds",
                "When the file was sent that has waited longest.",
                found[Load.State.WAITING][1].timestamp(),
            )
