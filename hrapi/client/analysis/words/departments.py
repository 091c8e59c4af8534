"""Which departments lead and which lag."""

from __future__ import annotations

from fractions import Fraction

from markupsafe import Markup

from hrapi.client.analysis.comparing import Change
from hrapi.client.analysis.figures import Counted, Figures
from hrapi.client.analysis.words.changes import from_to
from hrapi.client.analysis.words.finding import Finding, joined
from hrapi.client.analysis.words.text import (
    counted,
    decimal,
    is_or_are,
    listed,
    mean_hires,
    name,
    names,
    number,
    share,
)


def finding(figures: Figures) -> Finding:
    return Finding(leader(figures), joined(_how_many(figures), laggards(figures)), "departments")


def details(figures: Figures) -> list[Markup]:
    return [each for each in (_above(figures), _below(figures), changes(figures)) if each]


def leader(figures: Figures) -> Markup:
    """Ties are all named; of many at the top, how many."""
    first = figures.departments[0]
    leading = [each for each in figures.departments if each.hires == first.hires]
    part = share(first.hires, figures.total)
    if len(figures.departments) == 1:
        return Markup("{} is the only department, so all hires are its own.").format(name(first))
    if first.hires == figures.total:
        return Markup("All hires are of one department, {}.").format(name(first))
    if len(leading) == len(figures.departments):
        return Markup("All {} departments hired the same number: {} each.").format(
            number(len(leading)), number(first.hires)
        )
    if len(leading) > 1:
        return Markup("{} hired most: {} each ({} of all hires each).").format(
            names(leading), number(first.hires), part
        )
    second = figures.departments[1]
    tied = [each for each in figures.departments if each.hires == second.hires]
    return Markup("{} hired most: {} of {} ({}), ahead of {} with {}{}.").format(
        name(first),
        number(first.hires),
        counted(figures.total, "hire"),
        part,
        names(tied, 3),
        number(second.hires),
        " each" if len(tied) > 1 else "",
    )


def _how_many(figures: Figures) -> Markup | None:
    count, above = len(figures.departments), len(figures.above_mean)
    if count < 2 or not above:
        return None
    value = mean_hires(figures.total, count)
    return Markup.escape(
        f"{number(above)} of {number(count)} departments {is_or_are(above)} above the mean of {value}."
    )


def _above(figures: Figures) -> Markup | None:
    if len(figures.departments) < 2:
        return Markup("There is one department, so there is nothing to compare it with.")
    value = mean_hires(figures.total, len(figures.departments))
    if not figures.above_mean:
        return Markup.escape(f"All hired the mean of {value}, so none leads and none lags.")
    return Markup("Above the mean of {} {}: {}.").format(
        value, is_or_are(len(figures.above_mean)), _with_hires(figures.above_mean)
    )


def _below(figures: Figures) -> Markup | None:
    if not figures.below_mean:
        return None
    return joined(
        Markup("Below it {}: {}.").format(
            is_or_are(len(figures.below_mean)), _with_hires(figures.below_mean[::-1])
        ),
        Markup("Exactly the mean, and so not above it: {}.").format(names(figures.at_mean))
        if figures.at_mean
        else None,
    )


def _with_hires(departments: list[Counted]) -> Markup:
    return listed(
        (Markup("{} ({})").format(name(each), number(each.hires)) for each in departments), 8
    )


def laggards(figures: Figures) -> Markup | None:
    """Those without a hire, or else those with the fewest."""
    if (
        len(figures.departments) < 2
        or figures.departments[0].hires == figures.departments[-1].hires
    ):
        return None
    fewest = figures.departments[-1].hires
    last = [each for each in figures.departments if each.hires == fewest]
    if not fewest:
        verb = "has no hire" if len(last) == 1 else "have no hire"
        return Markup("{} {}.").format(names(last), verb)
    each = " each" if len(last) > 1 else ""
    return Markup("Fewest were hired by {}: {}{} ({}{}).").format(
        names(last), number(fewest), each, share(fewest, figures.total), each
    )


def distance(each: Counted, figures: Figures) -> str:
    """From the mean, with its sign: `+79.1`."""
    value = each.hires - Fraction(figures.total, len(figures.departments))
    if not value:
        return "0"
    return decimal(value, 1 if abs(value) >= 1 else 2, sign=True)


def changes(figures: Figures) -> Markup | None:
    """Which departments changed clearly against the year before, over months that both years have whole."""
    comparable = figures.comparable_months
    if not figures.has_year_before or not comparable or len(figures.departments) < 2:
        return None
    found = [(each, Change(*each.in_months(comparable))) for each in figures.departments]
    clear = [(each, change) for each, change in found if change.is_clear_of_many]
    before = figures.year - 1
    if not clear:
        return Markup.escape(
            f"Against {before}, no single department changed by more than chance may bring about."
        )
    parts = []
    for verb, sign in (("more", 1), ("fewer", -1)):
        some = [(each, change) for each, change in clear if sign * change.difference > 0]
        some.sort(key=lambda pair: -abs(pair[1].difference))
        if some:
            told = listed(
                Markup("{} ({})").format(name(each), from_to(change)) for each, change in some
            )
            parts.append(Markup("Against {}, clearly {} hires in {}.").format(before, verb, told))
    return joined(*parts)
