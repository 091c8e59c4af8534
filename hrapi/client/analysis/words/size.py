"""How many were hired, and how that compares with the year before."""

from __future__ import annotations

from markupsafe import Markup

from hrapi.client.analysis.comparing import Change
from hrapi.client.analysis.figures import Figures
from hrapi.client.analysis.words.changes import change_of
from hrapi.client.analysis.words.finding import Finding, joined
from hrapi.client.analysis.words.span import of_the_year
from hrapi.client.analysis.words.text import counted, months, number


def finding(figures: Figures) -> Finding:
    total = figures.total
    point = (
        f"{counted(total, 'employee').capitalize()} {'was' if total == 1 else 'were'} hired"
        f" {of_the_year(figures)}."
    )
    return Finding(
        Markup.escape(point), joined(_where(figures), against_year_before(figures)), "growth"
    )


def _where(figures: Figures) -> Markup:
    departments = sum(1 for each in figures.departments if each.hires)
    jobs = sum(1 for each in figures.jobs if each.hires)
    return Markup.escape(
        f"They are in {_of(departments, len(figures.departments), 'department')} and"
        f" {_of(jobs, len(figures.jobs), 'job')}."
        if figures.total > 1
        else ""
    )


def _of(some: int, all_: int, what: str) -> str:
    """`all 12 departments`, `7 of 12 departments`, `the only department`."""
    if all_ == 1:
        return f"the only {what}"
    if some == all_:
        return f"all {number(all_)} {what}s"
    return f"{number(some)} of {number(all_)} {what}s"


def against_year_before(figures: Figures) -> Markup:
    """Only over months for which both years have data."""
    before = figures.year - 1
    if not figures.has_year_before:
        is_first = bool(figures.years) and figures.year == min(figures.years)
        return Markup.escape(
            f"No hire of an earlier year is stored, so there is nothing to compare {figures.year} with."
            if is_first
            else f"No hire of {before} is stored, so there is no year before to compare with."
        )
    comparable = figures.comparable_months
    if not comparable:
        return Markup.escape(
            f"It cannot be compared with {before}: there is no month that both years have whole."
        )
    change = Change(
        sum(figures.months_before[each - 1] for each in comparable),
        sum(figures.months[each - 1] for each in comparable),
    )
    numbers = f"{number(change.after)} against {number(change.before)}"
    if len(comparable) == 12:
        return Markup.escape(f"Compared with {before}: {change_of(change)}, {numbers}.")
    only = "the only month" if len(comparable) == 1 else "the months"
    return Markup.escape(
        f"Compared with {before} in {months(comparable)}, {only} that both years have whole: {change_of(change)},"
        f" {numbers}."
    )
