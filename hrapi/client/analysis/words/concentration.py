"""On how few departments and jobs the hires fall."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from markupsafe import Markup

from hrapi.client.analysis.figures import Figures
from hrapi.client.analysis.words.finding import Finding, joined
from hrapi.client.analysis.words.text import counted, decimal, number, share


def needed_for_half(hires: Sequence[int]) -> int:
    """How many of the largest make at least half. `hires` are those of each, the most first."""
    total, together = sum(hires), 0
    for count, each in enumerate(hires, start=1):
        together += each
        if 2 * together >= total:
            return count
    return len(hires)


def equal_number(hires: Sequence[int]) -> Fraction:
    """So many departments of equal size would be as concentrated: 1 over the Herfindahl index."""
    return Fraction(sum(hires) ** 2, sum(each**2 for each in hires) or 1)


def finding(figures: Figures) -> Finding | None:
    """Nothing where there are too few departments to be concentrated on."""
    if len(figures.departments) < 3:
        return None
    hires = [each.hires for each in figures.departments]
    count, half = len(hires), needed_for_half(hires)
    even = (count + 1) // 2
    together = share(sum(hires[:half]), figures.total)
    largest, they = (
        ("largest", "It makes") if half == 1 else (f"{number(half)} largest", "They make")
    )
    point = f"It takes the {largest} of {number(count)} departments to reach half of all hires."
    alike = "as many: hiring is spread evenly" if half == even else number(even)
    more = f"{they} {together}; if all had hired the same number, it would take {alike}."
    return Finding(Markup.escape(point), Markup.escape(more), "concentration")


def details(figures: Figures) -> Markup:
    return joined(equally(figures), of_jobs(figures))


def equally(figures: Figures) -> Markup:
    """The Herfindahl index in words."""
    value = equal_number([each.hires for each in figures.departments])
    text = number(int(value)) if value.denominator == 1 else decimal(value)
    noun = "department" if value == 1 else "departments"
    return Markup.escape(
        f"Over all {number(len(figures.departments))} departments, the hires are as concentrated as if {text}"
        f" {noun} of equal size had hired them."
    )


def rows(hires: Sequence[int], total: int) -> list[tuple[str, str, str, str]]:
    """What the largest 1, 3, 5 … make: how many, their hires, their share, and that share were all alike."""
    return [
        (
            "The largest" if top == 1 else f"The {number(top)} largest",
            number(sum(hires[:top])),
            share(sum(hires[:top]), total),
            share(top, len(hires)),
        )
        for top in (1, 3, 5, 10, 20)
        if top < len(hires)
    ]


def of_jobs(figures: Figures) -> Markup | None:
    hires = [each.hires for each in figures.jobs]
    if len(hires) < 3:
        return None
    half = needed_for_half(hires)
    return Markup.escape(
        f"Of {counted(len(hires), 'job')}, {number(half)} {'makes' if half == 1 else 'make'} half of all hires."
    )
