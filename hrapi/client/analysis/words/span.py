"""For which time the figures stand: years that run, data that begin or end within the year."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from hrapi.client.analysis.figures import Figures
from hrapi.client.analysis.words.text import counted, month, months


def day(moment: datetime) -> str:
    return f"{moment.day} {month(moment.month)} {moment.year}"


def of_the_year(figures: Figures) -> str:
    """`in 2021`, or of a year that runs `in 2026 so far`."""
    return f"in {figures.year} so far" if figures.is_running else f"in {figures.year}"


def limits(figures: Figures) -> list[Markup]:
    """Why the year is not a whole one, if it is not; nothing of a year without hires."""
    if not figures.total:
        return []
    return [
        Markup.escape(text)
        for text in (_begin(figures), _end(figures), _running(figures), _future(figures))
        if text
    ]


def _begin(figures: Figures) -> str:
    first = figures.coverage.first_hire
    if not first or first[0] != figures.year or first[1] == 1:
        return ""
    return (
        f"No hire before {month(first[1])} {figures.year} is stored at all. If the data only begin there, the"
        f" year is not a whole one: {months(range(1, first[1]))} may be missing rather than empty."
    )


def _end(figures: Figures) -> str:
    last = figures.coverage.last_hire
    if not last or last[0] != figures.year or last >= (figures.now.year, figures.now.month):
        return ""
    until = figures.now.month - 1 if figures.is_running else 12
    if last[1] >= until:
        return ""
    missing = months(range(last[1] + 1, until + 1))
    return (
        f"No hire after {month(last[1])} {figures.year} is stored. Either nobody was hired since, or the data end"
        f" there: {missing} may be missing rather than empty."
    )


def _running(figures: Figures) -> str:
    if not figures.is_running:
        return ""
    text = (
        f"The year is still running: the figures stand as of {day(figures.now)}, and only months that are over"
        " are compared."
    )
    ahead = sum(figures.months[figures.now.month :])
    if ahead:
        text += f" They count {counted(ahead, 'hire')} dated in months to come."
    return text


def _future(figures: Figures) -> str:
    if figures.year <= figures.now.year:
        return ""
    return f"{figures.year} has not begun: all its hires are dated in the future, so they are planned or wrong."
