"""Charts that are saved, and what a user of a group may do with them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from reports.visualizations.models import Visualization

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
SENT: dict[str, Any] = {"title": "Hires of 2021", "specification": HIRES}


def save(owner: str | None, **changes: Any) -> Visualization:
    """`save("readers", is_team=True)` is kept for the user of that group."""
    user = User.objects.get(username=f"{owner}-user") if owner else None
    return Visualization.objects.create(
        owner=user, **{"title": "Hires", "specification": HIRES, **changes}
    )
