"""Rejected rows that nobody has dealt with: how many, why, and what they could change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hrapi.client.analysis.collected import Collected

_CONTRADICTING = ("already_exists", "duplicate_in_batch")


@dataclass(frozen=True)
class LeftOut:
    """Open rejected rows of employees. Each could be one more hire of any department, job and time.

    `codes` is how many have each fault, None where that may not be read. Those that contradict a row that is
    stored could also move a hire that is counted.
    """

    rows: int
    codes: Mapping[str, int] | None
    departments: int
    jobs: int

    @property
    def moving(self) -> int:
        """How many of them, at most, could take a hire away from where it is counted."""
        if self.codes is None:
            return self.rows
        return min(self.rows, sum(self.codes.get(code, 0) for code in _CONTRADICTING))

    def may_overtake(self, ahead: int, behind: int) -> bool:
        """Whether what is behind could draw level, were all of them corrected."""
        return ahead - self.moving <= behind + self.rows

    def may_change_side(self, hires: int, total: int, count: int) -> bool:
        """Whether a department of so many hires could change its side of the mean of `count` departments."""
        if hires * count > total:
            return (hires - self.moving) * count <= total + self.rows
        return (hires + self.rows) * count > total + self.rows - self.moving

    def departments_for_half(self, hires: Sequence[int]) -> tuple[int, int]:
        """How few, and how many, could make half of all hires. `hires` are those of each, the most first."""
        total = sum(hires) + self.rows - self.moving
        return _reaching(hires, total, self.rows), _reaching(hires, total, -self.moving)


def _reaching(hires: Sequence[int], total: int, head_start: int) -> int:
    together = head_start
    for count, each in enumerate(hires, start=1):
        together += each
        if 2 * together >= total:
            return count
    return len(hires)


def left_out_of(collected: Collected) -> LeftOut:
    codes: Counter[str] | None = None
    if collected.rejections is not None:
        codes = Counter()
        for row in collected.rejections:
            if row["table"] == "employees" and row["open"]:
                codes[row["code"]] += row["open"]
    return LeftOut(
        rows=collected.open_rows.get("employees", 0),
        codes=codes,
        departments=collected.open_rows.get("departments", 0),
        jobs=collected.open_rows.get("jobs", 0),
    )
