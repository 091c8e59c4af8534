"""Months that stand out in this year, and whether they return each year."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hrapi.client.analysis.comparing import outstanding_months, returning_months
from hrapi.client.analysis.figures import Figures
from hrapi.client.analysis.words.finding import joined
from hrapi.client.analysis.words.text import listed, month, number

YEARS_NEEDED = 3


def whole_years(figures: Figures) -> dict[int, Sequence[int]]:
    """The hires by month of years with data for all twelve, this one and those read before it."""
    return {
        year: hires
        for year, hires in sorted(figures.months_of.items())
        if len(figures.coverage.months(year)) == 12
    }


def sentences(figures: Figures) -> list[Markup]:
    return [this_year(figures), season(figures)]


def this_year(figures: Figures) -> Markup:
    covered = figures.coverage.months(figures.year)
    if len(covered) < 2:
        return Markup("There are not two whole months to compare.")
    found = outstanding_months(figures.year, figures.months, covered)
    lead = _extremes(figures, covered)
    if not found:
        return joined(
            lead,
            "No month stands out by more than chance may bring about, the days of each considered.",
        )
    parts = [
        Markup("{} {} clearly {} hires than as many days of the other months.").format(
            _with_hires(figures, months), "has" if len(months) == 1 else "have", more
        )
        for more, side in (("more", 1), ("fewer", -1))
        if (months := [each for each, sign in found.items() if sign == side])
    ]
    return joined(lead, *parts)


def _extremes(figures: Figures, covered: Sequence[int]) -> Markup | None:
    hires = [figures.months[each - 1] for each in covered]
    if min(hires) == max(hires):
        return (
            Markup.escape(f"Each whole month has {number(hires[0])} hires.") if hires[0] else None
        )
    most, least = (
        _with_hires(figures, [each for each in covered if figures.months[each - 1] == value])
        for value in (max(hires), min(hires))
    )
    return Markup("Most hires of a whole month: {}; fewest: {}.").format(most, least)


def _with_hires(figures: Figures, months: Sequence[int]) -> Markup:
    return listed((f"{month(each)} ({number(figures.months[each - 1])})" for each in months), 12)


def season(figures: Figures) -> Markup:
    years = whole_years(figures)
    if len(years) < YEARS_NEEDED:
        have = {0: "no whole year is", 1: "one whole year is", 2: "two whole years are"}[len(years)]
        return Markup.escape(
            f"Whether some months return as strong or weak each year cannot be told: {have} there, and it takes"
            " three at least to tell a season from chance."
        )
    found = returning_months(years)
    span = f"{min(years)} to {max(years)}"
    if max(years) - min(years) + 1 != len(years):
        span = str(listed(map(str, years), 5))
    if not found:
        return Markup.escape(
            f"No season shows: no month was clearly strong, or clearly weak, in each of the {len(years)} whole"
            f" years {span}."
        )
    parts = [
        Markup("{} {} in each of the {} whole years {}.").format(
            listed((month(each) for each in months), 12),
            ("was " if len(months) == 1 else "were ") + word,
            len(years),
            span,
        )
        for word, side in (("strong", 1), ("weak", -1))
        if (months := [each for each, sign in found.items() if sign == side])
    ]
    return joined(*parts)
