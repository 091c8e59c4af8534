"""What the data cannot tell: rejected rows, and whether they could change what the page says."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from hrapi.client.analysis.figures import Counted, Figures
from hrapi.client.analysis.words.concentration import needed_for_half
from hrapi.client.analysis.words.finding import Finding, joined
from hrapi.client.analysis.words.text import (
    counted,
    is_or_are,
    listed,
    name,
    names,
    number,
    quarter,
    share,
)

_MEANINGS = {
    "required": "a required value is missing (date, name, department or job)",
    "wrong_type": "a value of the wrong kind, such as a number for a name",
    "not_an_integer": "an id that is not a whole number",
    "out_of_range": "an id or a year outside what is possible",
    "too_long": "a text that is too long",
    "forbidden_character": "a text with characters that are not allowed",
    "invalid_datetime": "a date that cannot be read or does not exist",
    "unknown_department": "a department that is not stored",
    "unknown_job": "a job that is not stored",
    "already_exists": "it contradicts a row that is stored under the same id",
    "duplicate_in_batch": "it contradicts an earlier row of the same file",
    "unknown_field": "a field that there is not",
    "duplicate_key": "a field that is there twice",
    "not_an_object": "no row at all",
    "ragged_row": "too few or too many cells",
    "malformed_csv": "quotes that cannot be read",
}


@dataclass(frozen=True)
class Resilience:
    """Whether the rows that are left out could change one statement. `why` says by what rule."""

    statement: Markup
    may_change: bool
    why: Markup


def finding(figures: Figures) -> Finding:
    rows = figures.left_out.rows
    point = Markup.escape(
        f"{counted(rows, 'rejected row').capitalize()} {is_or_are(rows)} not counted."
    )
    return Finding(point, joined(at_most(figures), _robust(figures)), "gaps")


def at_most(figures: Figures) -> Markup:
    """Their years are not known: the log's figures do not hold them."""
    rows, total = figures.left_out.rows, figures.total
    if not rows:
        return Markup("")
    could = "It could be a hire" if rows == 1 else "They could be hires"
    return Markup.escape(
        f"{could} of any year, department and job; if all {number(rows)} belonged to {figures.year},"
        f" it would have {share(rows, total)} more hires."
        if rows > 1
        else f"{could} of any year, department and job."
    )


def expected(figures: Figures) -> Markup | None:
    """How many of them would be of the year if they were spread over the years as those that are counted."""
    rows, everything = figures.left_out.rows, sum(figures.years.values())
    if not rows or not everything or not figures.total:
        return None
    about = int(Fraction(rows * figures.total, everything) + Fraction(1, 2))
    return Markup.escape(
        f"Were they spread over the years like the hires that are counted, about {number(about)} of"
        f" {number(rows)} would be of {figures.year}."
    )


def reasons(figures: Figures) -> list[tuple[str, str, int]]:
    """Code, meaning and how many open rows have it, the most frequent first."""
    codes = figures.left_out.codes or {}
    return [
        (code, _MEANINGS.get(code, ""), rows)
        for code, rows in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    ]


def resilience(figures: Figures) -> list[Resilience]:
    """Nothing where no row is left out, or none is counted."""
    if not figures.left_out.rows or not figures.total:
        return []
    found = [_leader(figures), _mean(figures), _half(figures), _quarter(figures), _job(figures)]
    return [each for each in found if each]


def _robust(figures: Figures) -> Markup | None:
    found = resilience(figures)
    if not found:
        return None
    changing = [each.statement for each in found if each.may_change]
    if not changing:
        return Markup("No statement on leaders, mean or half of the hires could change by that.")
    verb = "It" if figures.left_out.rows == 1 else "They"
    return Markup("{} could change {}.").format(verb, listed(changing, len(changing)))


def _lead(figures: Figures, items: tuple[Counted, ...], statement: str) -> Resilience | None:
    if len(items) < 2:
        return None
    first, second = items[0], items[1]
    why = Markup("{} is {} ahead of {}; {} left out.").format(
        name(first),
        counted(first.hires - second.hires, "hire"),
        name(second),
        _rows_are(figures),
    )
    return Resilience(
        Markup.escape(statement), figures.left_out.may_overtake(first.hires, second.hires), why
    )


def _rows_are(figures: Figures) -> str:
    rows = figures.left_out.rows
    return f"{counted(rows, 'row')} {is_or_are(rows)}"


def _leader(figures: Figures) -> Resilience | None:
    return _lead(figures, figures.departments, "the leading department")


def _job(figures: Figures) -> Resilience | None:
    return _lead(figures, figures.jobs, "the job hired most")


def _mean(figures: Figures) -> Resilience | None:
    count = len(figures.departments)
    if count < 2:
        return None
    near = [
        each
        for each in figures.departments
        if figures.left_out.may_change_side(each.hires, figures.total, count)
    ]
    if not near:
        why = Markup("Each is further from the mean than the rows that are left out could move it.")
    else:
        ids = {each.id for each in near}
        sure = [each for each in figures.above_mean if each.id not in ids]
        why = joined(
            Markup("Near enough to the mean to change sides: {}.").format(names(near, 8)),
            Markup("Above it in any case: {}.").format(names(sure, 8)) if sure else None,
        )
    return Resilience(Markup("which departments are above the mean"), bool(near), why)


def _half(figures: Figures) -> Resilience | None:
    hires = [each.hires for each in figures.departments]
    if len(hires) < 3:
        return None
    half = needed_for_half(hires)
    few, many = figures.left_out.departments_for_half(hires)
    if few == many:
        why = Markup.escape(
            f"It stays {counted(half, 'department')} wherever the rows left out belong."
        )
    else:
        why = Markup.escape(
            f"It is {number(half)} now, and could be from {number(few)} to {number(many)}."
        )
    return Resilience(Markup("how many departments make half of the hires"), few != many, why)


def _quarter(figures: Figures) -> Resilience | None:
    whole = figures.coverage.quarters(figures.year)
    if len(whole) < 2:
        return None
    ranked = sorted(((figures.quarters[each - 1], -each) for each in whole), reverse=True)
    (most, first), (next_most, second) = ranked[0], ranked[1]
    return Resilience(
        Markup("the strongest whole quarter"),
        figures.left_out.may_overtake(most, next_most),
        Markup.escape(
            f"{quarter(-first)} is {counted(most - next_most, 'hire')} ahead of {quarter(-second)};"
            f" {_rows_are(figures)} left out."
        ),
    )


def others(figures: Figures) -> Markup | None:
    """Hires of other years, which the page leaves out."""
    rest = sorted((year, hires) for year, hires in figures.years.items() if year != figures.year)
    if not rest:
        return None
    shown = rest[-6:]
    told = ", ".join(f"{year}: {number(hires)}" for year, hires in shown)
    earlier = (
        f", and {number(sum(hires for _, hires in rest[:-6]))} before" if len(rest) > 6 else ""
    )
    return Markup.escape(f"Hires of other years are not part of these figures ({told}{earlier}).")


def new_names(figures: Figures) -> Markup | None:
    """Rejected departments and jobs: they would change the number that means are made with."""
    parts = [
        counted(rows, f"rejected row of {what}", f"rejected rows of {what}")
        for rows, what in (
            (figures.left_out.departments, "departments"),
            (figures.left_out.jobs, "jobs"),
        )
        if rows
    ]
    if not parts:
        return None
    rows = figures.left_out.departments + figures.left_out.jobs
    return Markup.escape(
        f"{' and '.join(parts).capitalize()} {is_or_are(rows)} open too. A department more would lower the mean."
    )
