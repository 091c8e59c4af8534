"""Hires counted: of each month, department and job. Everything that the page says is made of these."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hrapi.client.analysis.collected import Collected, Row
from hrapi.client.analysis.coverage import Coverage, coverage_of
from hrapi.client.analysis.left_out import LeftOut, left_out_of

Months = tuple[int, ...]
"""Twelve numbers, January first."""
NO_MONTHS: Months = (0,) * 12


@dataclass(frozen=True)
class Counted:
    """A department or a job, with its hires of each month of the year and of the year before.

    `partners` is in how many jobs a department hired, or in how many departments a job was hired.
    """

    id: int
    name: str
    has_namesake: bool = False
    months: Months = NO_MONTHS
    months_before: Months = NO_MONTHS
    partners: int = 0

    @property
    def hires(self) -> int:
        return sum(self.months)

    @property
    def quarters(self) -> tuple[int, ...]:
        return quarters_of(self.months)

    def in_months(self, months: Iterable[int]) -> tuple[int, int]:
        """The hires of these months, 1 to 12, the year before and in the year."""
        chosen = [month - 1 for month in months]
        return sum(self.months_before[i] for i in chosen), sum(self.months[i] for i in chosen)


@dataclass(frozen=True)
class Figures:
    """What the page is made of.

    `departments` and `jobs` are all there are, most hires first, then by name. `years` are the hires of each year
    that has any, `months_of` those of each month of the years that were read month by month.
    """

    year: int
    now: datetime
    departments: tuple[Counted, ...]
    jobs: tuple[Counted, ...]
    years: Mapping[int, int]
    months_of: Mapping[int, Months]
    coverage: Coverage
    left_out: LeftOut

    @property
    def months(self) -> Months:
        return self.months_of.get(self.year, NO_MONTHS)

    @property
    def months_before(self) -> Months:
        return self.months_of.get(self.year - 1, NO_MONTHS)

    @property
    def total(self) -> int:
        return sum(self.months)

    @property
    def quarters(self) -> tuple[int, ...]:
        return quarters_of(self.months)

    @property
    def is_running(self) -> bool:
        return self.year == self.now.year

    @property
    def has_year_before(self) -> bool:
        return self.year - 1 in self.years

    @property
    def comparable_months(self) -> list[int]:
        """The months, 1 to 12, for which both the year and the one before have data from begin to end."""
        return [
            month
            for month in self.coverage.months(self.year)
            if self.coverage.holds(self.year - 1, month)
        ]

    @property
    def above_mean(self) -> list[Counted]:
        """Compared as whole numbers: a mean that was rounded would decide wrongly."""
        return [each for each in self.departments if self._side(each) > 0]

    @property
    def at_mean(self) -> list[Counted]:
        return [each for each in self.departments if self._side(each) == 0]

    @property
    def below_mean(self) -> list[Counted]:
        return [each for each in self.departments if self._side(each) < 0]

    def _side(self, each: Counted) -> int:
        return each.hires * len(self.departments) - self.total


def figures_of(collected: Collected) -> Figures:
    by_year: dict[int, Counter[int]] = defaultdict(Counter)
    for row in collected.hires:
        by_year[row["year"]][row["month"]] += row["hires"]
    months_of = {year: _months(counter) for year, counter in by_year.items()}
    years = collected.years()
    return Figures(
        year=collected.year,
        now=collected.at,
        departments=_counted(collected, collected.departments, "department", "job"),
        jobs=_counted(collected, collected.jobs, "job", "department"),
        years=years,
        months_of=months_of,
        coverage=coverage_of(months_of, years, collected.at),
        left_out=left_out_of(collected),
    )


def quarters_of(months: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(months[first : first + 3]) for first in (0, 3, 6, 9))


def _months(counter: Mapping[int, int]) -> Months:
    return tuple(counter.get(month, 0) for month in range(1, 13))


def _counted(
    collected: Collected, stored: Iterable[Row], kind: str, other: str
) -> tuple[Counted, ...]:
    """Those that are stored, and any that hires name all the same."""
    names: dict[int, str] = {row["id"]: row[kind] for row in stored}
    hires: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    partners: dict[int, set[int]] = defaultdict(set)
    for row in collected.hires:
        each = row[f"{kind}_id"]
        hires[each, row["year"]][row["month"]] += row["hires"]
        if row["year"] == collected.year:
            names.setdefault(each, row[kind])
            partners[each].add(row[f"{other}_id"])
    namesakes = Counter(name.casefold() for name in names.values())
    found = [
        Counted(
            id=each,
            name=name,
            has_namesake=namesakes[name.casefold()] > 1,
            months=_months(hires[each, collected.year]),
            months_before=_months(hires[each, collected.year - 1]),
            partners=len(partners[each]),
        )
        for each, name in names.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.hires, each.name.casefold(), each.id)))
