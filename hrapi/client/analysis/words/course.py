"""How hiring went through the year, by quarter."""

from __future__ import annotations

from itertools import combinations

from markupsafe import Markup

from hrapi.client.analysis.comparing import Change
from hrapi.client.analysis.figures import Figures
from hrapi.client.analysis.words.changes import change_of
from hrapi.client.analysis.words.finding import Finding, joined
from hrapi.client.analysis.words.text import is_or_are, listed, number, quarter


def finding(figures: Figures) -> Finding | None:
    """Nothing where no two quarters can be compared."""
    if len(figures.coverage.quarters(figures.year)) < 2:
        return None
    return Finding(_point(figures), joined(_more(figures), not_whole(figures)), "growth")


def details(figures: Figures) -> Markup:
    whole = figures.coverage.quarters(figures.year)
    return joined(_extremes(figures), not_whole(figures) if len(whole) > 1 else None)


def not_whole(figures: Figures) -> Markup | None:
    """Which quarters are left out of comparisons."""
    whole = figures.coverage.quarters(figures.year)
    rest = [each for each in range(1, 5) if each not in whole and figures.quarters[each - 1]]
    if not rest:
        return None
    does = "does" if len(rest) == 1 else "do"
    return Markup("{} {} not have three whole months with data and {} not compared.").format(
        listed(map(quarter, rest)), does, is_or_are(len(rest))
    )


def _point(figures: Figures) -> Markup:
    """Steady, when no two whole quarters differ clearly; up or down, when the first and the last of them do."""
    whole = figures.coverage.quarters(figures.year)
    hires = [figures.quarters[each - 1] for each in whole]
    change = Change(hires[0], hires[-1])
    first, last = quarter(whole[0]), quarter(whole[-1])
    if not any(Change(*pair).is_clear for pair in combinations(hires, 2)):
        low, high = number(min(hires)), number(max(hires))
        among = f"between {low} and {high} hires" if low != high else f"{high} hires"
        if max(hires) == 1:
            among = among.removesuffix("s")
        return Markup.escape(
            f"No clear change from quarter to quarter: {among} in each whole quarter."
        )
    if change.is_clear:
        verb = "rose" if change.difference > 0 else "fell"
        return Markup.escape(
            f"Hiring {verb} from {number(change.before)} in {first} to {number(change.after)} in {last}."
        )
    return Markup.escape("Hiring went up and down through the year.")


def _more(figures: Figures) -> Markup:
    whole = figures.coverage.quarters(figures.year)
    first, last = whole[0], whole[-1]
    change = Change(figures.quarters[first - 1], figures.quarters[last - 1])
    return Markup.escape(f"{quarter(last)} against {quarter(first)}: {change_of(change)}.")


def _extremes(figures: Figures) -> Markup | None:
    whole = figures.coverage.quarters(figures.year)
    hires = [figures.quarters[each - 1] for each in whole]
    if len(whole) < 2:
        which = f"Only {quarter(whole[0])} has" if whole else "No quarter has"
        return Markup.escape(f"{which} data for three whole months, so no two can be compared.")
    if min(hires) == max(hires):
        return _point(figures)
    most, least = (
        listed(quarter(each) for each in whole if figures.quarters[each - 1] == value)
        for value in (max(hires), min(hires))
    )
    return Markup("Of the whole quarters, most were hired in {} ({}), fewest in {} ({}).").format(
        most, number(max(hires)), least, number(min(hires))
    )
