"""For which months there are data from begin to end: only such months may be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

YearMonth = tuple[int, int]


@dataclass(frozen=True)
class Coverage:
    """From the month of the first hire that is stored to that of the last one, both included, or to the month
    before this one, whichever is earlier. A month without a hire outside of it may be one without data.

    `first_hire` and `last_hire` are None where no hire is stored, or where they lie outside the years that were
    read month by month.
    """

    first_hire: YearMonth | None
    last_hire: YearMonth | None
    first: YearMonth
    last: YearMonth

    def holds(self, year: int, month: int) -> bool:
        return self.first <= (year, month) <= self.last

    def months(self, year: int) -> list[int]:
        """Those of the year, 1 to 12."""
        return [month for month in range(1, 13) if self.holds(year, month)]

    def quarters(self, year: int) -> list[int]:
        """Those of the year, 1 to 4, of which all three months are there."""
        months = self.months(year)
        return [
            quarter
            for quarter in range(1, 5)
            if all(month in months for month in range(3 * quarter - 2, 3 * quarter + 1))
        ]


def coverage_of(
    months_of: Mapping[int, Sequence[int]], years: Mapping[int, int], now: datetime
) -> Coverage:
    """`months_of` are the hires by month of the years that were read so, `years` those of all years with hires."""
    if not years:
        return Coverage(None, None, (now.year, 1), (now.year, 0))
    first_year, last_year = min(years), max(years)
    first_hire = min(_hired(months_of, first_year), default=None)
    last_hire = max(_hired(months_of, last_year), default=None)
    whole = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
    return Coverage(
        first_hire,
        last_hire,
        first=first_hire or (first_year, 1),
        last=min(last_hire or (last_year, 12), whole),
    )


def _hired(months_of: Mapping[int, Sequence[int]], year: int) -> list[YearMonth]:
    return [(year, month) for month, hires in enumerate(months_of.get(year, ()), start=1) if hires]
