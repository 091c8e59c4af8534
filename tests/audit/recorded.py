"""What was recorded, as a test looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hrapi.audit.models import AuditEvent


@contextmanager
def recorded() -> Iterator[list[AuditEvent]]:
    """A list that has the events, in their order, which came in the meantime."""
    last = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    events: list[AuditEvent] = []
    yield events
    events += AuditEvent.objects.filter(id__gt=last).order_by("id")


def told(events: list[AuditEvent]) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Action, user and what of each."""
    return [(event.action, event.user, event.what) for event in events]
