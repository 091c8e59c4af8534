"""Charts, dashboards and links for tests, stored as their users would have made them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from reports.visualizations.models import Dashboard, Share, Visualization

API = "/api/v1/visualizations/"
HIRES: dict[str, Any] = {
    "dataset": "hires",
    "parameters": {"year": "2021"},
    "filters": {},
    "type": "bar",
    "y": "hires",
    "x": "department",
    "aggregate": "sum",
    "options": {"sort": "column", "top": 0, "palette": "okabe-ito", "values": False},
}
REJECTIONS: dict[str, Any] = HIRES | {
    "dataset": "rejections",
    "parameters": {},
    "x": "code",
    "y": "open",
}


def save(owner: str | None, **changes: Any) -> Visualization:
    """`save("readers", is_team=True)` is of the user of that group, `save(None)` of nobody."""
    user = User.objects.get(username=f"{owner}-user") if owner else None
    return Visualization.objects.create(
        owner=user, **{"title": "Hires", "specification": HIRES, **changes}
    )


def make_charts(user: User) -> None:
    """A chart, a dashboard and a link of the user, each with the id 1."""
    chart = _first(Visualization(title="Hires", specification=HIRES, owner=user))
    _first(Dashboard(title="Hiring", owner=user))
    expires_at = timezone.now() + timedelta(days=1)
    _first(
        Share(
            visualization=chart,
            created_by=user,
            token_hash="0" * 64,
            formats=["png"],
            expires_at=expires_at,
        )
    )


def _first(instance: Any) -> Any:
    """Stored with the id 1, which the sequence of ids has then given out."""
    instance.save()
    objects = type(instance).objects
    objects.filter(pk=instance.pk).update(id=1)
    return objects.get(pk=1)
