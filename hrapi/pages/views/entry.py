"""One rejected row: looked at, corrected and sent again, discarded, opened again."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from hrapi.api.names import may_see_sent, refuse_without_names
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion import resubmission, stewardship
from hrapi.ingestion.harmless import describe_fault
from hrapi.ingestion.hiding import shown_errors
from hrapi.ingestion.models import RejectedRow
from hrapi.ingestion.stewardship import Selection
from hrapi.ingestion.verdicts import CONFLICTS
from hrapi.pages import selectors
from hrapi.pages.entries import corrections, entry_form
from hrapi.pages.forms import WorkFilter
from hrapi.pages.views.page import Page
from hrapi.tables import get_table

# What the work list was filtered by says which entry comes next.
_WORKED_BY = ("table", "code", "field", "value", "batch")

Status = RejectedRow.Status


class EntryPage(Page):
    """One rejected row: what was sent and why it was not taken, and a form to correct it."""

    permission_required = "ingestion.view_rejectedrow"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = self._entry(pk)
        return self._show(entry, entry.errors)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.need("ingestion.change_rejectedrow")
        act = self.action(
            check=self._check, send=self._send, discard=self._discard, reopen=self._reopen
        )
        return act(self._entry(pk))

    def _entry(self, pk: int) -> RejectedRow:
        return get_object_or_404(RejectedRow.objects.select_related("batch__user"), pk=pk)

    def _check(self, entry: RejectedRow) -> HttpResponse:
        return self._resubmit(entry, dry_run=True)

    def _send(self, entry: RejectedRow) -> HttpResponse:
        return self._resubmit(entry, dry_run=False)

    def _resubmit(self, entry: RejectedRow, *, dry_run: bool) -> HttpResponse:
        refuse_without_names(self.user, "Correcting a row on its page")
        typed = {name: str(text) for name, text in self.request.POST.items()}
        corrected = corrections(get_table(entry.table), entry, typed)
        try:
            found = resubmission.resubmit(entry.pk, corrected, (), self.user, dry_run=dry_run)
        except ProblemError as problem:
            if problem.code != ProblemCode.CONFLICT:
                raise
            return self._overtaken(entry, typed)
        if found:
            errors = [describe_fault(fault) for fault in found]
            return self._show(entry, errors, typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if dry_run:
            return self._show(entry, [], typed, is_right=True)
        messages.success(self.request, "Corrected and sent: the row is stored.")
        return self._again(entry)

    def _discard(self, entry: RejectedRow) -> HttpResponse:
        return self._set_status(entry, stewardship.discard, "Discarded.")

    def _reopen(self, entry: RejectedRow) -> HttpResponse:
        return self._set_status(entry, stewardship.reopen, "Opened again.")

    def _set_status(
        self, entry: RejectedRow, change: Callable[..., list[int]], done: str
    ) -> HttpResponse:
        reason = self.request.POST.get("reason", "")
        try:
            reason_read = stewardship.read_reason(reason)
        except ProblemError as problem:
            return self._show(
                entry,
                entry.errors,
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
                reason=reason,
                reason_fault=problem.detail,
            )
        selection = Selection(id=(entry.pk,))
        if not change(selection, reason=reason_read, user=self.user, dry_run=False):
            return self._overtaken(entry, None, reason=reason)
        messages.success(self.request, done)
        return self._again(entry)

    def _overtaken(
        self, entry: RejectedRow, typed: dict[str, str] | None, *, reason: str = ""
    ) -> HttpResponse:
        entry = self._entry(entry.pk)
        return self._show(
            entry,
            entry.errors,
            typed,
            status=HTTPStatus.CONFLICT,
            is_overtaken=True,
            reason=reason,
        )

    def _again(self, entry: RejectedRow) -> HttpResponse:
        return HttpResponseRedirect(self.request.get_full_path())

    def _show(
        self,
        entry: RejectedRow,
        errors: list[dict[str, Any]],
        typed: dict[str, str] | None = None,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        **more: Any,
    ) -> HttpResponse:
        table = get_table(entry.table)
        work = self._filter(entry)
        may_change = self.user.has_perm("ingestion.change_rejectedrow")
        is_open = entry.status == Status.OPEN
        sees_sent = may_see_sent(self.user)
        errors = shown_errors(errors, sees_sent=sees_sent)
        corrects = is_open and may_change and sees_sent and selectors.may(self.user, "add", table)
        taken_ids = [error["value"] for error in errors if sees_sent and error["code"] in CONFLICTS]
        shows_stored = bool(taken_ids) and selectors.may(self.user, "view", table)
        stored = selectors.stored_row(table, taken_ids[0]) if shows_stored else {}
        form = entry_form(
            table,
            entry,
            errors,
            typed,
            stored=stored,
            choices=selectors.choices_of(table, self.user) if corrects else None,
        )
        context = {
            "entry": entry,
            "table": table,
            "sees_sent": sees_sent,
            "faults": [selectors.fault_shown(error) for error in errors],
            "form": form,
            "was_tried": typed is not None,
            "corrects": corrects,
            "closes": may_change and is_open,
            "reopens": may_change and entry.status == Status.DISCARDED and entry.is_kept,
            "stored_id": taken_ids[0] if stored else None,
            "others": selectors.other_entries(entry),
            "next": selectors.next_entry(work.entries(self.user), entry.pk),
            "work": work,
            "history": (history := selectors.history_of(entry)),
            "last_event": history[-1] if history else None,
            "place": "work list",
        }
        return render(self.request, "pages/entry.html", context | more, status=status)

    def _filter(self, entry: RejectedRow) -> WorkFilter:
        """What to go on with: what the work list was filtered by, else the same fault."""
        work = WorkFilter({name: self.request.GET.get(name, "") for name in _WORKED_BY})
        if work.is_valid() and any(work.cleaned_data.values()):
            return work
        work = WorkFilter.of(table=entry.table, code=entry.codes[0] if entry.codes else None)
        work.full_clean()
        return work
