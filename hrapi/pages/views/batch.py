"""One batch: what it did, and a way to take it back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from hrapi.api.names import may_see_sent
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.models import Batch
from hrapi.ingestion.undoing import Undo, undo_batch
from hrapi.loads.models import Load
from hrapi.pages import selectors
from hrapi.pages.views.page import Page
from hrapi.tables import get_table

MAX_NAMED = 20


class BatchPage(Page):
    """What a batch did; and its undo, in two steps: a look at what would go, then the deed."""

    permission_required = "ingestion.view_batch"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._batch(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        act = self.action(look=self._look, undo=self._undo)
        return act(self._batch(pk))

    def _batch(self, pk: int) -> Batch:
        return get_object_or_404(Batch.objects.select_related("user"), pk=pk)

    def _look(self, batch: Batch) -> HttpResponse:
        return self._try(batch, dry_run=True)

    def _undo(self, batch: Batch) -> HttpResponse:
        return self._try(batch, dry_run=False)

    def _try(self, batch: Batch, *, dry_run: bool) -> HttpResponse:
        try:
            done = undo_batch(batch.pk, self.user, dry_run=dry_run)
        except ProblemError as problem:
            if problem.code != ProblemCode.CONFLICT:
                raise
            return self._show(batch, HTTPStatus.CONFLICT, refused=_shortened(problem))
        if dry_run:
            return self._show(batch, trial=done)
        messages.success(self.request, _told(done))
        return HttpResponseRedirect(self.request.path)

    def _show(self, batch: Batch, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> HttpResponse:
        table = get_table(batch.table)
        context = {
            "batch": batch,
            "table": table,
            "sees_sent": may_see_sent(self.user),
            "load": Load.objects.filter(batch=batch.pk).first(),
            "may_undo": selectors.may(self.user, "delete", table),
        }
        return render(self.request, "pages/batch.html", context | more, status=status)


def _told(done: Undo) -> str:
    rows = "1 row was" if done.removed == 1 else f"{done.removed:,} rows were"
    told = f"Undone: {rows} removed"
    if done.reopened:
        told += f", {done.reopened:,} of the rejected rows open again"
    return f"{told}." if done.batch_id else "There was nothing left to undo."


def _shortened(problem: ProblemError) -> dict[str, Any]:
    """What stands in the way: the first rows that were changed, or are referred to."""
    changed = problem.members.get("changed", [])
    referred_to = problem.members.get("referred_to", [])
    return {
        "detail": problem.detail,
        "changed": changed[:MAX_NAMED],
        "referred_to": referred_to[:MAX_NAMED],
        "has_more": len(changed) > MAX_NAMED or len(referred_to) > MAX_NAMED,
    }
