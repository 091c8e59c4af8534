"""What there is to look at: standard charts and saved ones alike, and who sees which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.fields.json import KT

from hrapi.api.problems import ProblemCode, ProblemError
from reports.charts.definition import Chart
from reports.charts.specification import read_chart
from reports.charts.standard import STANDARD_CHARTS
from reports.datasets.definition import Dataset
from reports.datasets.registry import get_dataset
from reports.visualizations.models import Dashboard, Share, Visualization
from reports.visualizations.shared_charts import FREEZING
from reports.visualizations.years import years_of_hires

Kept = TypeVar("Kept", bound=Model)
Owned = TypeVar("Owned", Visualization, Dashboard)

_MAX_DIGITS = 18
_MAX_ID = 10**_MAX_DIGITS


@dataclass(frozen=True)
class Shown:
    """A chart that can be looked at. `visualization` is what is saved of it; a standard one has none."""

    key: str
    """The id, or the name of a standard chart."""
    title: str
    description: str
    specification: Mapping[str, Any]
    visualization: Visualization | None = None

    @cached_property
    def chart(self) -> Chart:
        """Raises ProblemError where the specification does not fit its dataset any more."""
        return read_chart(self.specification)

    @property
    def dataset(self) -> Dataset:
        """Raises LookupError for one that is there no more."""
        return get_dataset(self.specification["dataset"])

    @property
    def is_standard(self) -> bool:
        return self.visualization is None

    @property
    def is_team(self) -> bool:
        return self.visualization is None or self.visualization.is_team

    @property
    def owner(self) -> str:
        """The name of the account; empty for nobody's."""
        owner = self.visualization.owner if self.visualization else None
        return owner.get_username() if owner else ""


def as_shown(visualization: Visualization) -> Shown:
    return Shown(
        key=str(visualization.pk),
        title=visualization.title,
        description=visualization.description,
        specification=visualization.specification,
        visualization=visualization,
    )


def visible(user: Any) -> list[Shown]:
    """All that the user may look at: the standard charts first, then the saved ones by age."""
    saved = seen_by(user, Visualization.objects.select_related("owner"))
    found = [*_standard(), *map(as_shown, saved)]
    return [shown for shown in found if may_read(user, shown)]


def find(user: Any, key: str) -> Shown:
    """The standard chart of this name, or the saved one with this id.

    Raises ProblemError: not found, also for what somebody keeps for himself; denied, for a dataset that the user
    may not read.
    """
    is_standard = any(chart.name == key for chart in STANDARD_CHARTS)
    shown = (
        next((shown for shown in _standard() if shown.key == key), None) if is_standard else None
    )
    if shown is None:
        saved = seen_by(user, Visualization.objects.select_related("owner"))
        is_id = key.isascii() and key.isdigit() and len(key) <= _MAX_DIGITS
        shown = as_shown(one_of(saved, int(key) if is_id else _MAX_ID))
    if not may_read(user, shown):
        name = shown.specification["dataset"]
        raise ProblemError(
            ProblemCode.PERMISSION_DENIED, f"This is made of {name}, which you may not read."
        )
    return shown


def find_saved(user: Any, key: str) -> Visualization:
    """Of `find`, what is saved. Raises ProblemError for a standard chart too."""
    shown = find(user, key)
    if shown.visualization is None:
        raise ProblemError(
            ProblemCode.PERMISSION_DENIED,
            f"{key} is a standard chart, which stays as it is. Save one with its specification.",
        )
    return shown.visualization


def find_dashboard(user: Any, pk: int) -> Dashboard:
    """Raises ProblemError, also for what somebody keeps for himself."""
    return one_of(dashboards_of(user), pk)


def dashboards_of(user: Any) -> QuerySet[Dashboard]:
    """Those that the user may look at."""
    return seen_by(user, Dashboard.objects.select_related("owner"))


def shares_of(user: Any) -> QuerySet[Share]:
    """The links that the user has made; for whoever may delete those of others, all."""
    shares = (
        Share.objects.select_related("created_by")
        .defer("frozen")
        .annotate(**{name: KT(f"frozen__freezing__{name}") for name in FREEZING})
    )
    if user.has_perm("visualizations.delete_share"):
        return shares
    return shares.filter(created_by_id=user.pk)


def seen_by(user: Any, found: QuerySet[Owned]) -> QuerySet[Owned]:
    """One's own, those of the team and, for whoever may delete those of others, those of nobody."""
    seen = Q(owner_id=user.pk) | Q(is_team=True)
    if user.has_perm(_permission("delete", found.model)):
        seen |= Q(owner=None)
    return found.filter(seen)


def may_change(user: Any, owned: Visualization | Dashboard) -> bool:
    """Whether the user may change and delete what he sees."""
    is_own = owned.owner_id == user.pk and user.has_perm(_permission("change", owned))
    return bool(is_own or user.has_perm(_permission("delete", owned)))


def may_read(user: Any, shown: Shown) -> bool:
    try:
        return bool(user.has_perm(shown.dataset.permission))
    except LookupError:
        return False


def one_of(found: QuerySet[Kept], pk: int) -> Kept:
    """The one with this id. Raises ProblemError."""
    kept = found.filter(pk=pk).first() if pk < _MAX_ID else None
    if kept is None:
        raise ProblemError(ProblemCode.NOT_FOUND, "There is nothing at this address.")
    return kept


def _permission(verb: str, model: Model | type[Model]) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def _standard() -> list[Shown]:
    """Those of a year are of the last one with hires."""
    years = years_of_hires()
    return [
        Shown(
            chart.name,
            chart.title,
            chart.description,
            chart.specification(years[0] if years else None),
        )
        for chart in STANDARD_CHARTS
    ]
