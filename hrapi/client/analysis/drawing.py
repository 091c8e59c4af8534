"""Where the parts of a chart stand: across in percent, so that writing keeps its size; down in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COLUMN_HEIGHT = 150
_FULL, _SLOT, _SLOT_OF_TWO = 100.0, 0.68, 0.46
_BEFORE = 0.28


@dataclass(frozen=True)
class Column:
    """One place on the axis: the column of the year and, where `has_before`, the narrow one of the year before."""

    label: str
    value: str
    middle: float
    left: float
    width: float
    height: float
    before_left: float
    before_width: float
    before_height: float
    is_whole: bool


@dataclass(frozen=True)
class Segment:
    left: float
    width: float
    is_in_half: bool


def columns(
    labels: Sequence[str],
    values: Sequence[int],
    *,
    before: Sequence[int] = (),
    whole: Sequence[bool] = (),
) -> list[Column]:
    """`before` are the numbers of the year before, if it is drawn; `whole` which columns have all their data."""
    most = max(*values, *before, 1)
    slot = _FULL / len(values)
    drawn = []
    for place, value in enumerate(values):
        width = slot * (_SLOT_OF_TWO if before else _SLOT)
        narrow = slot * _BEFORE if before else 0.0
        begin = slot * place + (slot - width - narrow) / 2
        drawn.append(
            Column(
                label=labels[place],
                value=f"{value:,}" if value or not whole or whole[place] else "–",
                middle=_rounded(begin + narrow + width / 2),
                left=_rounded(begin + narrow),
                width=_rounded(width),
                height=_rounded(COLUMN_HEIGHT * value / most),
                before_left=_rounded(begin),
                before_width=_rounded(narrow),
                before_height=_rounded(COLUMN_HEIGHT * before[place] / most) if before else 0.0,
                is_whole=whole[place] if whole else True,
            )
        )
    return drawn


def bar(value: int, most: int) -> float:
    return _rounded(_FULL * value / most) if most else 0.0


def segments(values: Sequence[int], in_half: int) -> list[Segment]:
    """A whole bar cut into its parts, the largest first; `in_half` of them make half. Parts of 0 are left out."""
    total, left = sum(values), 0
    drawn = []
    for place, value in enumerate(values):
        if value:
            drawn.append(
                Segment(
                    _rounded(_FULL * left / total),
                    _rounded(_FULL * value / total),
                    place < in_half,
                )
            )
        left += value
    return drawn


def _rounded(value: float) -> float:
    return round(value, 3)
