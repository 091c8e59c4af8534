"""What is asked of a dataset in the address becomes a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import Asks, check_query, choice, integer
from hrapi.ingestion.fields import MAX_YEAR, MIN_YEAR
from reports.datasets.definition import Parameters
from reports.datasets.period import Period

MAX_LAST_DAYS = 3660

NAMES: dict[Parameters, tuple[str, ...]] = {
    Parameters.NONE: (),
    Parameters.YEARS: ("year", "from_year", "to_year"),
    Parameters.DAYS: ("year", "from_year", "to_year", "date", "last_days", "zeros"),
}
_TOGETHER = (
    {"year"},
    {"from_year", "to_year"},
    {"from_year"},
    {"to_year"},
    {"date"},
    {"last_days"},
)


def period_of(request: Asks, parameters: Parameters) -> Period:
    """The period that is asked for; all there is when none is. Raises ProblemError."""
    check_query(request, known=NAMES[parameters])
    asked = request.query_params.keys() & {*NAMES[parameters]} - {"zeros"}
    if asked and asked not in _TOGETHER:
        raise _invalid(f"period: ask for one, not by {' and '.join(sorted(asked))}.")
    zeros = "zeros" in NAMES[parameters] and (
        choice(request, "zeros", ("false", "true"), default="false") == "true"
    )
    if zeros and not asked:
        raise _invalid("period: with zeros name one, like year=2021.")
    if "date" in asked:
        start = _day(request.query_params.get("date", ""))
        return Period(start, start + timedelta(days=1), zeros)
    if "last_days" in asked:
        days = integer(request, "last_days", default=1, minimum=1, maximum=MAX_LAST_DAYS)
        end = datetime.now(UTC).date() + timedelta(days=1)
        return Period(end - timedelta(days=days), end, zeros)
    if not asked:
        return Period()
    return _years(request, zeros=zeros)


def year_of(request: Asks, name: str = "year", *, default: int) -> int:
    return integer(request, name, default=default, minimum=MIN_YEAR, maximum=MAX_YEAR)


def _years(request: Asks, *, zeros: bool) -> Period:
    first, last = ("year", "year") if "year" in request.query_params else ("from_year", "to_year")
    from_year = year_of(request, first, default=MIN_YEAR)
    to_year = year_of(request, last, default=MAX_YEAR)
    if from_year > to_year:
        raise _invalid(f"period: from_year, {from_year}, lies after to_year, {to_year}.")
    if last not in request.query_params:
        return Period.from_year(from_year, this_year=datetime.now(UTC).year, zeros=zeros)
    if first not in request.query_params:
        return Period.to_year(to_year, zeros=zeros)
    return Period.of_years(from_year, to_year, zeros=zeros)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if MIN_YEAR <= day.year <= MAX_YEAR and text == day.isoformat():
        return day
    raise _invalid(
        f"date: send a day from {MIN_YEAR} to {MAX_YEAR} like 2021-07-27, not {text[:20]!r}."
    )


def _invalid(detail: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, detail)
