"""What monitoring is told, in the format of Prometheus.

Counters and histograms of requests are those of all processes of this web server, which write them into a
directory (gunicorn.conf.py makes it). What the database knows is asked of it at each scrape, and is the same
wherever one asks.
"""

from __future__ import annotations

import os
from typing import Any

from django_prometheus.middleware import PrometheusAfterMiddleware
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

DATABASE = CollectorRegistry(auto_describe=False)
"""Collectors of what the database knows; each app registers its own."""


def exposition() -> bytes:
    """All metrics. Raises what the database raises."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry) + generate_latest(DATABASE)


class RequestMetricsMiddleware(PrometheusAfterMiddleware):
    """Counts requests by what there is, never by what a client made up: each new label would stay for ever."""

    def label_metric(self, metric: Any, request: Any, response: Any = None, **labels: str) -> Any:
        if "method" in labels:
            # The library puts some in as they were sent.
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)
