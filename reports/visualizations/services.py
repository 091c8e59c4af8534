"""Charts and dashboards are saved, changed and removed here."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.recording import Action, record
from reports.charts.specification import read_chart
from reports.visualizations.models import Dashboard, Visualization
from reports.visualizations.selectors import find, may_change

MAX_PER_USER = 1_000


def save_visualization(user: Any, **fields: Any) -> Visualization:
    """Keeps a chart: `title` and `specification`, perhaps `description` and `is_team`, each as `bodies` reads it.

    Raises ProblemError for a dataset that the user may not read, and for more charts than one user may have.
    """
    _need_dataset(user, fields["specification"])
    _refuse_too_many(user, Visualization)
    return Visualization.objects.create(owner_id=user.pk, **fields)


def change_visualization(user: Any, visualization: Visualization, **fields: Any) -> None:
    """Raises ProblemError for who may not."""
    _need_right(user, visualization)
    if "specification" in fields:
        _need_dataset(user, fields["specification"])
    _change(visualization, fields)


def delete_visualization(user: Any, visualization: Visualization) -> None:
    """With its links, and out of dashboards. Raises ProblemError for who may not."""
    _need_right(user, visualization)
    pk = visualization.pk
    with transaction.atomic():
        what = {"visualization": pk, "shares": visualization.shares.count()}
        record(Action.VISUALIZATION_DELETED, what)
        visualization.delete()
        for dashboard in Dashboard.objects.filter(charts__contains=[pk]):
            dashboard.charts.remove(pk)
            dashboard.save(update_fields=["charts"])


def save_dashboard(user: Any, **fields: Any) -> Dashboard:
    """Keeps charts together: `title`, perhaps `charts` and `is_team`, each as `bodies` reads it.

    Raises ProblemError for a chart that the user may not look at, and for more dashboards than one may have.
    """
    _need_charts(user, fields.get("charts", []))
    _refuse_too_many(user, Dashboard)
    return Dashboard.objects.create(owner_id=user.pk, **fields)


def change_dashboard(user: Any, dashboard: Dashboard, **fields: Any) -> None:
    """Raises ProblemError for who may not, and for a further chart that the user may not look at."""
    _need_right(user, dashboard)
    _need_charts(user, [key for key in fields.get("charts", []) if key not in dashboard.charts])
    _change(dashboard, fields)


def delete_dashboard(user: Any, dashboard: Dashboard) -> None:
    """Its charts stay. Raises ProblemError for who may not."""
    _need_right(user, dashboard)
    with transaction.atomic():
        record(Action.DASHBOARD_DELETED, {"dashboard": dashboard.pk})
        dashboard.delete()


def _change(owned: Visualization | Dashboard, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(owned, name, value)
    owned.save(update_fields=[*fields, "updated_at"])


def _need_right(user: Any, owned: Visualization | Dashboard) -> None:
    if not may_change(user, owned):
        raise ProblemError(
            ProblemCode.PERMISSION_DENIED, "It is somebody else's: look at it, or save your own."
        )


def _need_dataset(user: Any, specification: dict[str, Any]) -> None:
    dataset = read_chart(specification).dataset
    if not user.has_perm(dataset.permission):
        raise ProblemError(
            ProblemCode.PERMISSION_DENIED,
            f"This is made of {dataset.name}, which you may not read.",
        )


def _need_charts(user: Any, keys: list[int | str]) -> None:
    for key in keys:
        try:
            find(user, str(key))
        except ProblemError as error:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER, f"charts: {key}: {error.detail}"
            ) from None


def _refuse_too_many(user: Any, model: type[Model]) -> None:
    if model._default_manager.filter(owner_id=user.pk).count() >= MAX_PER_USER:
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"There are {MAX_PER_USER:,} {model._meta.verbose_name_plural} of this user."
            " Delete one first.",
        )
