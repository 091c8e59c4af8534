"""The rows of the page's tables, every cell as it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from hrapi.client.analysis.comparing import Change, outstanding_months
from hrapi.client.analysis.drawing import bar
from hrapi.client.analysis.figures import Counted, Figures, quarters_of
from hrapi.client.analysis.words.changes import cell_of, verdict_of
from hrapi.client.analysis.words.departments import distance
from hrapi.client.analysis.words.jobs import shown
from hrapi.client.analysis.words.text import (
    month,
    number,
    quarter,
    share,
    share_in_tenths,
    whole_name,
)

MOST_DEPARTMENTS = 40
"""Rows of a table of departments. The others are put together in one."""
NOTHING = "–"


@dataclass(frozen=True)
class TimeRow:
    """A quarter or a month. `state` says why it is not whole.

    `change` is that from the quarter before; `change_of_year` that from the same time of the year before.
    `verdict` of a month is how it stands out in the year.
    """

    label: str
    state: str
    hires: str
    share: str
    change: str
    verdict: str
    before: str
    change_of_year: str
    verdict_of_year: str


@dataclass(frozen=True)
class NamedRow:
    """A department or a job; `name` is what stands for those that are put together."""

    name: Markup
    hires: str
    bar: float
    share: str
    together: str = ""
    distance: str = ""
    side: str = ""
    quarters: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    change: str = ""
    verdict: str = ""
    partners: str = ""


def state_of_month(figures: Figures, number_: int) -> str:
    """Why the month cannot be compared; empty when it can."""
    coverage, at = figures.coverage, (figures.year, number_)
    if coverage.holds(*at):
        return ""
    now = (figures.now.year, figures.now.month)
    if at > now:
        return "to come"
    if at == now:
        return "running"
    return "before the first hire stored" if at < coverage.first else "after the last hire stored"


def state_of_quarter(figures: Figures, number_: int) -> str:
    states = [
        (each, state_of_month(figures, each)) for each in range(3 * number_ - 2, 3 * number_ + 1)
    ]
    missing = [each for each, state in states if state]
    if not missing:
        return ""
    if len(missing) == 3:
        return states[-1][1] if figures.quarters[number_ - 1] == 0 else "not over"
    return "without " + " and ".join(month(each)[:3] for each in missing)


def quarters(figures: Figures) -> list[TimeRow]:
    whole = figures.coverage.quarters(figures.year)
    whole_before = figures.coverage.quarters(figures.year - 1)
    return _times(
        figures,
        [quarter(each) for each in range(1, 5)],
        [state_of_quarter(figures, each) for each in range(1, 5)],
        figures.quarters,
        quarters_of(figures.months_before),
        [each in whole for each in range(1, 5)],
        [each in whole and each in whole_before for each in range(1, 5)],
    )


def months(figures: Figures) -> list[TimeRow]:
    covered = figures.coverage.months(figures.year)
    rows = _times(
        figures,
        [month(each) for each in range(1, 13)],
        [state_of_month(figures, each) for each in range(1, 13)],
        figures.months,
        figures.months_before,
        [each in covered for each in range(1, 13)],
        [each in figures.comparable_months for each in range(1, 13)],
    )
    marks = outstanding_months(figures.year, figures.months, covered) if len(covered) > 1 else {}
    words = {1: "clearly more", -1: "clearly fewer"}
    return [
        TimeRow(**{**vars(row), "verdict": words.get(marks.get(place, 0), "")})
        for place, row in enumerate(rows, start=1)
    ]


def _times(
    figures: Figures,
    labels: Sequence[str],
    states: Sequence[str],
    hires: Sequence[int],
    before: Sequence[int],
    whole: Sequence[bool],
    comparable: Sequence[bool],
) -> list[TimeRow]:
    rows = []
    for place, value in enumerate(hires):
        change = change_of_year = NOTHING
        verdict = verdict_of_year = ""
        if place and whole[place] and whole[place - 1]:
            step = Change(hires[place - 1], value)
            change, verdict = cell_of(step), verdict_of(step)
        if comparable[place]:
            step = Change(before[place], value)
            change_of_year = cell_of(step)
            verdict_of_year = verdict_of(step, of_many=len(hires) > 4)
        rows.append(
            TimeRow(
                label=labels[place],
                state=states[place],
                hires=number(value),
                share=share(value, figures.total),
                change=change,
                verdict=verdict,
                before=number(before[place]),
                change_of_year=change_of_year,
                verdict_of_year=verdict_of_year,
            )
        )
    return rows


def departments(figures: Figures) -> list[NamedRow]:
    most, together = figures.departments[0].hires, 0
    rows = []
    for each in figures.departments[:MOST_DEPARTMENTS]:
        together += each.hires
        rows.append(_department(each, figures, most, together))
    rest = figures.departments[MOST_DEPARTMENTS:]
    if rest:
        rows.append(_rest(rest, figures, "departments", together="100%"))
    return rows


def _department(each: Counted, figures: Figures, most: int, together: int) -> NamedRow:
    mean = Fraction(figures.total, len(figures.departments))
    before, after = each.in_months(figures.comparable_months)
    change = Change(before, after)
    return NamedRow(
        name=whole_name(each),
        hires=number(each.hires),
        bar=bar(each.hires, most),
        share=share(each.hires, figures.total),
        together=share(together, figures.total),
        distance=distance(each, figures),
        side="above" if each.hires > mean else "below" if each.hires < mean else "equal",
        quarters=tuple(map(number, each.quarters)),
        before=number(before),
        after=number(after),
        change=cell_of(change),
        verdict=verdict_of(change, of_many=True),
        partners=number(each.partners),
    )


def _rest(rest: Sequence[Counted], figures: Figures, what: str, *, together: str = "") -> NamedRow:
    hires = sum(each.hires for each in rest)
    noun = what if len(rest) > 1 else what.removesuffix("s")
    return NamedRow(
        name=Markup.escape(f"{number(len(rest))} other {noun}"),
        hires=number(hires),
        bar=0.0,
        share=share(hires, figures.total),
        together=together,
        distance=NOTHING,
        quarters=tuple(number(sum(each.quarters[i] for each in rest)) for i in range(4)),
        before=NOTHING,
        after=NOTHING,
        change=NOTHING,
        partners=NOTHING,
    )


def jobs(figures: Figures) -> list[NamedRow]:
    some, _ = shown(figures)
    most = figures.jobs[0].hires if figures.jobs else 0
    rows = [
        NamedRow(
            name=whole_name(each),
            hires=number(each.hires),
            bar=bar(each.hires, most),
            share=share(each.hires, figures.total),
            partners=number(each.partners),
        )
        for each in some
    ]
    rest = [each for each in figures.jobs if each.hires][len(some) :]
    if rest:
        rows.append(_rest(rest, figures, "jobs"))
    return rows


def rounding_note(values: Sequence[int]) -> str:
    """Said where shares, rounded each by itself, do not add up to 100.0%."""
    total = sum(values)
    if not total:
        return ""
    tenths = sum(share_in_tenths(value, total) for value in values)
    if tenths == 1000:
        return ""
    return (
        f"Each share is rounded by itself; as shown they add up to {tenths // 10}.{tenths % 10}%."
    )
