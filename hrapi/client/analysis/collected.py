"""What was collected from the API, as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
Rows = tuple[Row, ...]

YEARS_BEFORE = 4
"""So many years before the one asked for are read month by month: what returns each year can be seen in them."""


@dataclass(frozen=True)
class Collected:
    """The answers of one service about one year. Rows are those of the datasets of the same names.

    `hires` are of the year and of `YEARS_BEFORE` before it, `statistics` of all years, `of_year` those statistics
    of the year alone. `open_rows` says for each table how many rejected rows nobody has dealt with. `rejections`
    is None where the login may not read the reject log. `is_one_state` is whether the service said, after the
    last answer, that none of them had changed: then they all hold the same rows.
    """

    address: str
    at: datetime
    year: int
    departments: Rows
    jobs: Rows
    hires: Rows
    quarterly: Rows
    above_mean: Rows
    statistics: Rows
    of_year: Rows
    rejections: Rows | None
    open_rows: Mapping[str, int]
    is_one_state: bool = True

    def years(self) -> dict[int, int]:
        """The hires of each year that has any."""
        return {
            row["from_year"]: row["hires"]
            for row in self.statistics
            if row["by"] == "month" and row["hires"]
        }
