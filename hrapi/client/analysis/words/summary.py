"""What the page answers first."""

from __future__ import annotations

from fractions import Fraction

from hrapi.client.analysis.comparing import SMALLEST_BASE
from hrapi.client.analysis.figures import Figures
from hrapi.client.analysis.words import concentration, course, departments, gaps, jobs, size
from hrapi.client.analysis.words.finding import Finding
from hrapi.client.analysis.words.text import counted, decimal


def findings(figures: Figures) -> list[Finding]:
    """Three to five, the most important first. Of few hires less can be said."""
    found: list[Finding | None] = [size.finding(figures)]
    if figures.total >= SMALLEST_BASE:
        found.append(course.finding(figures))
    found.append(departments.finding(figures))
    if figures.total >= SMALLEST_BASE:
        found.append(concentration.finding(figures))
    if figures.left_out.rows:
        found.append(gaps.finding(figures))
    said = [each for each in found if each]
    return said if len(said) >= 5 else [*said, jobs.finding(figures)]


def few(figures: Figures) -> str:
    """Said of so few hires that shares and means mislead."""
    if figures.total >= SMALLEST_BASE:
        return ""
    each = decimal(Fraction(100, figures.total))
    return (
        f"With {counted(figures.total, 'hire')}, each single one is {each} points of every share: read the"
        " numbers, not the percentages, and draw no trend from them."
    )
