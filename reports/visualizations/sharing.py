"""Links by which a chart is looked at without a login: made, found by their token, ended."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.recording import Action, record
from reports.charts.specification import read_chart
from reports.visualizations.models import Share, Visualization
from reports.visualizations.selectors import find
from reports.visualizations.shared_charts import freeze

DEFAULT_DAYS = 30
MAX_DAYS = 366
MAX_PER_USER = 1_000
_TOKEN_BYTES = 32
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


def make_share(
    user: Any,
    visualization: Visualization,
    *,
    formats: Sequence[str] = tuple(Share.Format.values),
    days: int = DEFAULT_DAYS,
    is_frozen: bool = False,
    embed_on: Sequence[str] = (),
) -> tuple[Share, str]:
    """A link to what the user may look at, and its token, which is kept nowhere.

    A frozen one shows for ever what the chart shows now. Raises ProblemError for rows of people, for a chart that
    cannot be drawn, and for more links than one user may have.
    """
    chart = read_chart(visualization.specification)
    if chart.dataset.is_of_people:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"A row of {chart.dataset.name} can be one person: no link is made to such rows. Make the chart of"
            " a dataset that counts them: hires or rejections.",
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        _refuse_too_many(user)
        share = Share.objects.create(
            visualization=visualization,
            created_by_id=user.pk,
            token_hash=_hash(token),
            formats=list(formats),
            frozen=freeze(visualization) if is_frozen else None,
            embed_on=list(embed_on),
            expires_at=timezone.now() + timedelta(days=days),
        )
        what = {"share": share.pk, "visualization": visualization.pk, "formats": share.formats}
        what |= {"frozen": is_frozen, "embed_on": share.embed_on, "expires_days": days}
        record(Action.SHARE_MADE, what)
    return share, token


def find_share(token: str) -> Share | None:
    """The link with this token; None for one that is not there or has ended.

    It ends too where its maker may not look at the chart any more, or make links.
    """
    shares = Share.objects.select_related("visualization", "created_by")
    share = shares.filter(token_hash=_hash(token)).first()
    if share is None or share.has_ended or not _may_show(share):
        return None
    return share


def revoke(share: Share) -> None:
    """Ends the link at once; it stays on the list."""
    with transaction.atomic():
        alive = Share.objects.filter(pk=share.pk, revoked_at=None)
        if alive.update(revoked_at=timezone.now()):
            what = {"share": share.pk, "visualization": share.visualization_id}
            record(Action.SHARE_REVOKED, what)


def note_use(share: Share) -> None:
    """Keeps when the link was used, at most once a minute, so that it costs nothing most of the time."""
    now = timezone.now()
    before = now - _USE_IS_NOTED_EVERY
    if share.last_used_at is None or share.last_used_at <= before:
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=before)
        Share.objects.filter(is_due, pk=share.pk).update(last_used_at=now)


def _may_show(share: Share) -> bool:
    maker = share.created_by
    kept = share.frozen or {"specification": share.visualization.specification}
    try:
        find(maker, str(share.visualization_id))
        chart = read_chart(kept["specification"])
    except ProblemError:
        return False
    may_read = maker.has_perm(chart.dataset.permission)
    return (
        may_read and maker.has_perm("visualizations.add_share") and not chart.dataset.is_of_people
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _refuse_too_many(user: Any) -> None:
    alive = Share.objects.filter(
        created_by_id=user.pk, revoked_at=None, expires_at__gt=timezone.now()
    )
    if alive.count() >= MAX_PER_USER:
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"There are {MAX_PER_USER:,} links of this user. Revoke one first.",
        )
