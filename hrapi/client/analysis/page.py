"""The page: what was collected, in words, tables and charts, as one file of HTML."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hrapi.client.analysis import drawing, tables
from hrapi.client.analysis.checking import Check, checks
from hrapi.client.analysis.collected import Collected
from hrapi.client.analysis.figures import Figures, figures_of, quarters_of
from hrapi.client.analysis.words import (
    concentration,
    course,
    departments,
    gaps,
    jobs,
    seasons,
    size,
    span,
)
from hrapi.client.analysis.words.summary import few, findings
from hrapi.client.analysis.words.text import (
    counted,
    listed,
    mean,
    mean_hires,
    month,
    months,
    number,
    quarter,
    share,
    whole_name,
)

_TEMPLATES = Path(__file__).parent / "templates"


def page(collected: Collected) -> str:
    """The page as HTML, complete in itself."""
    figures = figures_of(collected)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    shown: dict[str, Any] = {
        # Our own file.
        "style": Markup(style),  # noqa: S704  # nosec B704
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "collected": collected,
        "figures": figures,
        "day": span.day(collected.at),
        "limits": span.limits(figures),
        "checks": checks(collected, figures),
        "number": number,
        "counted": counted,
        **_gaps(figures),
    }
    if figures.total:
        shown |= _parts(figures)
    template = "report.html" if figures.total else "empty.html"
    return environment.get_template(template).render(shown)


def disagreeing(collected: Collected) -> list[Check]:
    return [check for check in checks(collected, figures_of(collected)) if not check.agrees]


def _parts(figures: Figures) -> dict[str, Any]:
    hires = [each.hires for each in figures.departments]
    half = concentration.needed_for_half(hires)
    count = len(hires)
    return {
        "findings": findings(figures),
        "few": few(figures),
        "tiles": _tiles(figures),
        "against_year_before": size.against_year_before(figures),
        "course": course.details(figures),
        "quarter_rows": tables.quarters(figures),
        "quarter_columns": _columns(
            figures,
            [quarter(each) for each in range(1, 5)],
            figures.quarters,
            quarters_of(figures.months_before),
            [not row.state for row in tables.quarters(figures)],
        ),
        "rounding": tables.rounding_note,
        "department_sentences": departments.details(figures),
        "department_rows": tables.departments(figures),
        "comparable": months(figures.comparable_months) if figures.comparable_months else "",
        "mean": mean(figures.total, count),
        "mean_at": drawing.bar(figures.total, hires[0] * count),
        "concentration": concentration.details(figures) if count > 2 else None,
        "concentration_rows": concentration.rows(hires, figures.total),
        "segments": drawing.segments(hires, half),
        "half": half,
        "half_share": share(sum(hires[:half]), figures.total),
        "half_names": listed(map(whole_name, figures.departments[:half]), 8),
        "seasons": seasons.sentences(figures),
        "month_rows": tables.months(figures),
        "month_columns": _columns(
            figures,
            [month(each)[:3] for each in range(1, 13)],
            figures.months,
            figures.months_before,
            [not row.state for row in tables.months(figures)],
        ),
        "jobs": jobs.finding(figures),
        "job_rows": tables.jobs(figures),
        "jobs_tied": jobs.tied(figures),
    }


def _columns(
    figures: Figures,
    labels: Sequence[str],
    values: Sequence[int],
    before: Sequence[int],
    whole: Sequence[bool],
) -> list[drawing.Column]:
    return drawing.columns(
        labels, values, before=before if figures.has_year_before else (), whole=whole
    )


def _tiles(figures: Figures) -> list[tuple[str, str, str]]:
    """What it is, the number, and what belongs to it."""
    hiring = sum(1 for each in figures.departments if each.hires)
    hired = sum(1 for each in figures.jobs if each.hires)
    rows = figures.left_out.rows
    mean_value, _, mean_unit = mean_hires(figures.total, len(figures.departments)).rpartition(" ")
    return [
        ("Hires", number(figures.total), span.of_the_year(figures)),
        ("Departments hiring", number(hiring), f"of {number(len(figures.departments))}"),
        ("Mean of a department", mean_value, mean_unit),
        ("Jobs hired", number(hired), f"of {number(len(figures.jobs))}"),
        ("Rejected rows", number(rows), "not counted, of any year" if rows else "open"),
    ]


def _gaps(figures: Figures) -> dict[str, Any]:
    return {
        "at_most": gaps.at_most(figures) if figures.total else Markup(""),
        "expected": gaps.expected(figures),
        "reasons": gaps.reasons(figures),
        "resilience": gaps.resilience(figures),
        "other_years": gaps.others(figures),
        "new_names": gaps.new_names(figures),
    }
