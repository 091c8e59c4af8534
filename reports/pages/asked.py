"""What the reader of a page asks for in its address: a period, departments, jobs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.http import QueryDict

from hrapi.api.query import check_query
from reports.charts.asked import FILTERS, askable, ids_asked, with_asked
from reports.charts.definition import Chart
from reports.visualizations.selectors import Shown

_OF_DAYS = {"date", "last_days"}
_PERIODS = {"year", "from_year", "to_year", *_OF_DAYS}


@dataclass(frozen=True)
class Asked:
    """`query_params` has what was sent several times as one: `department_id=1,3`."""

    query_params: QueryDict

    @classmethod
    def of(cls, sent: QueryDict, *, known: Collection[str]) -> Asked:
        """What a form sends; in it, what is empty is not there. Raises ProblemError for what is not known."""
        query = QueryDict(mutable=True)
        for name, values in sent.lists():
            kept = [value for value in values if value]
            if kept:
                query.setlist(name, [",".join(kept)] if name in FILTERS else kept)
        asked = cls(query)
        check_query(asked, known=known)
        return asked

    @property
    def departments(self) -> frozenset[int]:
        """Raises ProblemError for ids that are none."""
        return frozenset(ids_asked("department_id", self.query_params))


@dataclass(frozen=True)
class Looked:
    """A chart as it is looked at: with what is asked for, and the address that asks for the same."""

    shown: Shown
    chart: Chart
    query: str


def looked_at(shown: Shown, asked: Asked) -> Looked:
    """The chart with what fits it: a year where its dataset has years, but not in the place of the last days.

    The address of a standard chart says of which year it is: next year it shows the same.
    """
    own = shown.chart.parameters
    query = QueryDict(mutable=True)
    for name in askable(shown.chart):
        if name in asked.query_params and not (name == "year" and own.keys() & _OF_DAYS):
            query[name] = str(asked.query_params[name])
    if shown.is_standard and "year" in own and not query.keys() & _PERIODS:
        query["year"] = own["year"]
    text = query.urlencode(safe=",")
    return Looked(shown, with_asked(shown.chart, query), f"?{text}" if text else "")
