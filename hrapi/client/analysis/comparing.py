"""When one number of hires is called more than another: rules in whole numbers, the same everywhere on the page.

Counts of things that happen independently of each other scatter by about their square root. So two of them, a and
b, that come from the same rate differ by less than twice the square root of a + b in 19 of 20 cases.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST_BASE = 20
"""A percentage of change is given of so many hires and more: of fewer, each single hire is over five points."""

_SURE = 2
_SURE_OF_MANY = 3
"""Where one is picked out of many, as a month of twelve, chance has more opportunities."""


@dataclass(frozen=True)
class Change:
    """From one number of hires to another one."""

    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def is_clear(self) -> bool:
        return self.is_beyond(_SURE)

    @property
    def is_clear_of_many(self) -> bool:
        return self.is_beyond(_SURE_OF_MANY)

    def is_beyond(self, factor: int) -> bool:
        return bool(self.difference**2 > factor**2 * (self.before + self.after))

    @property
    def has_percentage(self) -> bool:
        return self.before >= SMALLEST_BASE


def outstanding_months(year: int, hires: Sequence[int], months: Sequence[int]) -> dict[int, int]:
    """Which of these months, 1 to 12, have clearly more (1) or fewer (-1) hires than as many days of them all."""
    days = {month: calendar.monthrange(year, month)[1] for month in months}
    all_days, total = sum(days.values()), sum(hires[month - 1] for month in months)
    found = {}
    for month in months:
        distance = hires[month - 1] * all_days - total * days[month]
        if distance**2 > _SURE_OF_MANY**2 * total * days[month] * all_days:
            found[month] = 1 if distance > 0 else -1
    return found


def returning_months(months_of: dict[int, Sequence[int]]) -> dict[int, int]:
    """Which months, 1 to 12, stand out in every year given, always to the same side.

    Each year they lie on that side of the year's mean, and all years together they stand out as one year's do.
    """
    if not months_of:
        return {}
    together = [sum(hires) for hires in zip(*months_of.values(), strict=True)]
    found = outstanding_months(min(months_of), together, range(1, 13))
    return {
        month: side
        for month, side in found.items()
        if all(side * (12 * hires[month - 1] - sum(hires)) > 0 for hires in months_of.values())
    }
