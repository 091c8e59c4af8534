"""The work list of rejected rows, and what is done to many of them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from hrapi.api.names import may_see_sent
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion import resubmission, stewardship
from hrapi.ingestion.batches import MAX_BATCH_ROWS
from hrapi.ingestion.hiding import shown_errors
from hrapi.ingestion.log_views import corrections_file
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.resubmission import Resubmission
from hrapi.ingestion.stewardship import Selection
from hrapi.pages import selectors
from hrapi.pages.forms import WorkFilter
from hrapi.pages.views.page import Page
from hrapi.tables import Table, all_tables

MAX_ENTRIES_NAMED = 5
MAX_STILL_WRONG = 20

Status = RejectedRow.Status


class WorkListPage(Page):
    """The entries of the reject log that fit a filter; all of them can be corrected or discarded at once."""

    permission_required = "ingestion.view_rejectedrow"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        self.need("ingestion.change_rejectedrow")
        act = self.action(
            try_it=self._try, correct=self._correct, discard=self._discard, reopen=self._reopen
        )
        work = WorkFilter(request.GET)
        if not work.is_valid() or not _fits_many(work):
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER, "Choose a table, and open or discarded rows."
            )
        return act(work)

    def _show(self, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> HttpResponse:
        work = WorkFilter(self.request.GET)
        entries = work.entries(self.user)
        if not work.is_valid():
            status = HTTPStatus.BAD_REQUEST
        after = self.request.GET.get("after", "")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        page = list(entries.filter(pk__gt=start).order_by("pk")[: selectors.PAGE_ROWS + 1])
        has_next = len(page) > selectors.PAGE_ROWS
        page = page[: selectors.PAGE_ROWS]
        table = work.one_table if work.is_valid() else None
        fits_many = work.is_valid() and _fits_many(work)
        sees_sent = may_see_sent(self.user)
        has_groups = fits_many and sees_sent and not work.cleaned_data["value"]
        code = work.cleaned_data.get("code") or None
        groups = selectors.groups_of(entries, code) if has_groups else []
        may_change = self.user.has_perm("ingestion.change_rejectedrow")
        may_correct = may_change and table is not None and selectors.may(self.user, "add", table)
        is_open = fits_many and work.status_wanted == Status.OPEN
        field = work.data.get("field") or _field_of_code(table, code)
        corrects = may_correct and is_open and table is not None
        choices = selectors.choices_of(table, self.user) if corrects and table else {}
        context = {
            "place": "work list",
            "filter": work,
            "count": entries.count(),
            "groups": [(group, self._link(work, group)) for group in groups],
            "entries": [selectors.entry_shown(entry, sees_sent=sees_sent) for entry in page],
            "sees_sent": sees_sent,
            "next": work.query(after=page[-1].pk) if has_next else None,
            "is_first": start == 0,
            "first": work.query(),
            "batch": work.cleaned_data.get("batch"),
            "table": table,
            "tables": [] if table else [(t.name, work.query(table=t.name)) for t in all_tables()],
            "corrects": corrects,
            "closes": may_change and is_open,
            "reopens": may_change and fits_many and not is_open,
            "field": field,
            "choices": choices.get(field, ()),
            "max_rows": MAX_BATCH_ROWS,
        }
        return render(self.request, "pages/work_list.html", context | more, status=status)

    def _link(self, work: WorkFilter, group: selectors.Group) -> str:
        return work.query(code=group.code, field=group.field, value=group.value)

    def _try(self, work: WorkFilter) -> HttpResponse:
        """What a correction would do to the first thousand entries; the page offers to do it to just these."""
        entries = work.entries(self.user).order_by("pk")
        ids = list(entries.values_list("pk", flat=True)[:MAX_BATCH_ROWS])
        field, value = self._correction(work)
        done = self._resubmit(ids, field, value, dry_run=True)
        trial = _trial(done, field, value, sees_sent=may_see_sent(self.user))
        return self._show(trial=trial, field=field, value=value)

    def _correct(self, work: WorkFilter) -> HttpResponse:
        sent = self.request.POST.get("ids", "").split(",")
        ids = [int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 19]
        if not 1 <= len(ids) == len(sent) <= MAX_BATCH_ROWS:
            raise ProblemError(ProblemCode.INVALID_PARAMETER, "ids: send those that were tried.")
        field, value = self._correction(work)
        done = self._resubmit(ids, field, value, dry_run=False)
        told = f"{_rows(len(done.resolved))} corrected and stored."
        if done.batch_id is not None:
            told = f"{told[:-1]} as batch {done.batch_id}."
        if left := len(ids) - len(done.resolved):
            told += f" {_rows(left)} not: still wrong, or somebody else was faster."
        messages.success(self.request, told)
        return HttpResponseRedirect(reverse("work-list") + work.query(value=None, field=None))

    def _correction(self, work: WorkFilter) -> tuple[str, str]:
        """Field and new value; an empty field to try the rows as they are."""
        field, value = self.request.POST.get("field", ""), self.request.POST.get("value", "")
        table = work.one_table
        if field and (table is None or field not in table.fields):
            raise ProblemError(ProblemCode.INVALID_PARAMETER, "field: choose one of the table.")
        if value and not field:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER, "Choose the field that is to get this value."
            )
        return field, value

    def _resubmit(self, ids: list[int], field: str, value: str, *, dry_run: bool) -> Resubmission:
        corrected = {field: value} if field else {}
        return resubmission.resubmit_all(
            Selection(id=tuple(ids)), corrected, self.user, dry_run=dry_run
        )

    def _discard(self, work: WorkFilter) -> HttpResponse:
        return self._close(work, stewardship.discard, "discarded")

    def _reopen(self, work: WorkFilter) -> HttpResponse:
        return self._close(work, stewardship.reopen, "opened again")

    def _close(self, work: WorkFilter, change: Callable[..., list[int]], done: str) -> HttpResponse:
        """Discards or reopens what the person saw: not more, when more has arrived since."""
        reason = self.request.POST.get("reason", "")
        try:
            stewardship.read_reason(reason)
        except ProblemError as problem:
            return self._show(
                HTTPStatus.UNPROCESSABLE_ENTITY, reason=reason, reason_fault=problem.detail
            )
        count = work.entries(self.user).count()
        if self.request.POST.get("count") != str(count):
            told = f"Nothing was done: {_rows(count, verb='fit')} the filter by now. Look again."
            return self._show(HTTPStatus.CONFLICT, reason=reason, alert=told)
        changed = change(work.selection, reason=reason.strip(), user=self.user, dry_run=False)
        messages.success(self.request, f"{_rows(len(changed))} {done}.")
        return HttpResponseRedirect(reverse("work-list") + work.query())


class WorkListFile(Page):
    """The entries that fit a filter as a CSV file to correct in a spreadsheet."""

    http_method_names = ["get", "head", "options"]
    permission_required = "ingestion.view_rejectedrow"

    def is_expensive(self) -> bool:
        return True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        work = WorkFilter(request.GET)
        table = work.one_table if work.is_valid() else None
        if table is None:
            raise ProblemError(ProblemCode.INVALID_PARAMETER, "table: choose one.")
        entries = work.entries(self.user)
        return corrections_file(table, entries, "rejected-rows", self.user, for_spreadsheets=True)


def _fits_many(work: WorkFilter) -> bool:
    """Whether all entries that fit can be worked on at once: of one table, open or discarded."""
    statuses = (Status.OPEN, Status.DISCARDED)
    return (
        work.one_table is not None
        and work.status_wanted in statuses
        and work.cleaned_data["row_id"] is None
    )


def _field_of_code(table: Table | None, code: str | None) -> str:
    references = table.references if table else ()
    return next((r.field for r in references if r.code == code), "")


def _rows(number: int, verb: str = "") -> str:
    """`1 row was`, `2 rows were`; `1 row fits`, `2 rows fit`."""
    if number == 1:
        return f"1 row {verb + 's' if verb else 'was'}"
    return f"{number:,} rows {verb or 'were'}"


@dataclass(frozen=True)
class StillWrong:
    """What would be wrong with some of the corrected rows, and their entries."""

    what: str
    entries: list[int]
    count: int

    @property
    def has_more(self) -> bool:
        return self.count > len(self.entries)


@dataclass(frozen=True)
class Trial:
    """What a correction would do. `ids` are the entries that it would close, for the form that does it."""

    field: str
    value: str
    ids: str
    resolved: int
    still_wrong: list[StillWrong]
    still_wrong_count: int
    has_more: bool


def _trial(done: Resubmission, field: str, value: str, *, sees_sent: bool) -> Trial:
    entries_of: dict[str, list[int]] = {}
    for entry, errors in done.still_wrong.items():
        what = " ".join(
            f"{error['field'] or 'row'}: {error['message']}"
            for error in shown_errors(errors, sees_sent=sees_sent)
        )
        entries_of.setdefault(what, []).append(entry)
    largest = sorted(entries_of.items(), key=lambda item: -len(item[1]))[:MAX_STILL_WRONG]
    return Trial(
        field,
        value,
        ids=",".join(map(str, done.resolved)),
        resolved=len(done.resolved),
        still_wrong=[
            StillWrong(what, entries[:MAX_ENTRIES_NAMED], len(entries)) for what, entries in largest
        ],
        still_wrong_count=len(done.still_wrong),
        has_more=len(entries_of) > len(largest),
    )
