"""Which backups to keep. Knows names only; a name begins with the time of its backup in UTC."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from hrapi.backups.manifest import made_at

LEAST_KEPT = 3


@dataclass(frozen=True)
class Keep:
    """How many to keep: of the last ones, and of the newest of each day, week and month that has one."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0


def reasons_to_keep(
    names: Sequence[str], pinned: Collection[str], keep: Keep
) -> dict[str, list[str]]:
    """For each of the names of verified backups of one kind why it is kept; without a reason it may go.

    The newest one, pinned ones, and the three newest in any case, are kept whatever is asked for.
    """
    newest_first = sorted(names, reverse=True)
    reasons: dict[str, list[str]] = {name: [] for name in newest_first}
    for name in newest_first[: max(keep.last, LEAST_KEPT)]:
        position = newest_first.index(name)
        reasons[name].append("last" if position < keep.last else f"one of the {LEAST_KEPT} newest")
    periods: list[tuple[str, int, Callable[[datetime], object]]] = [
        ("daily", keep.daily, lambda moment: moment.date()),
        ("weekly", keep.weekly, lambda moment: moment.isocalendar()[:2]),
        ("monthly", keep.monthly, lambda moment: (moment.year, moment.month)),
    ]
    for reason, number, period_of in periods:
        newest_of: dict[object, str] = {}
        for name in newest_first:
            newest_of.setdefault(period_of(made_at(name)), name)
        for name in list(newest_of.values())[:number]:
            reasons[name].append(reason)
    for name in pinned:
        if name in reasons:
            reasons[name].append("pinned")
    return reasons
