"""The jobs that were hired most."""

from __future__ import annotations

from markupsafe import Markup

from hrapi.client.analysis.figures import Counted, Figures
from hrapi.client.analysis.words.finding import Finding, joined
from hrapi.client.analysis.words.text import counted, name, names, number, share

SHOWN = 10
MOST_SHOWN = 15


def finding(figures: Figures) -> Finding:
    return Finding(leader(figures), joined(top(figures), without(figures)), "jobs")


def leader(figures: Figures) -> Markup:
    first = figures.jobs[0]
    leading = [each for each in figures.jobs if each.hires == first.hires]
    part = share(first.hires, figures.total)
    if first.hires == figures.total:
        return Markup("All hires are for one job, {}.").format(name(first))
    if first.hires == 1:
        return Markup("No job was hired more than once.")
    if len(leading) > 1:
        return Markup("The jobs hired most are {}: {} each ({} of all hires each).").format(
            names(leading), number(first.hires), part
        )
    return Markup("The job hired most is {}: {} of {} ({}).").format(
        name(first), number(first.hires), counted(figures.total, "hire"), part
    )


def shown(figures: Figures) -> tuple[list[Counted], int]:
    """The ten hired most and those that tie with the tenth; how many more tie, where they would be too many."""
    hired = [each for each in figures.jobs if each.hires]
    if len(hired) <= SHOWN:
        return hired, 0
    last = hired[SHOWN - 1].hires
    found = [each for each in hired if each.hires >= last]
    if len(found) <= MOST_SHOWN:
        return found, 0
    return found[:SHOWN], len(found) - SHOWN


def top(figures: Figures) -> Markup | None:
    some, _ = shown(figures)
    if len(some) < SHOWN or len(some) == sum(1 for each in figures.jobs if each.hires):
        return None
    together = sum(each.hires for each in some)
    return Markup.escape(
        f"The {number(len(some))} jobs hired most make {share(together, figures.total)} of all hires."
    )


def without(figures: Figures) -> Markup | None:
    """How many jobs were hired once, and how many not at all."""
    once = sum(1 for each in figures.jobs if each.hires == 1)
    never = sum(1 for each in figures.jobs if not each.hires)
    parts = []
    if once and figures.jobs[0].hires > 1:
        parts.append(f"{counted(once, 'job')} {'was' if once == 1 else 'were'} hired once")
    if never:
        parts.append(f"{counted(never, 'job')} not at all")
    return Markup.escape(f"{', '.join(parts)}.") if parts else None


def tied(figures: Figures) -> Markup | None:
    """What the table leaves out although it has as many hires."""
    some, more = shown(figures)
    if not more:
        return None
    hires = some[-1].hires
    return Markup.escape(
        f"{counted(more, 'more job')} {'has' if more == 1 else 'have'} {counted(hires, 'hire')} as well; of equals"
        " those first in the alphabet are shown."
    )
