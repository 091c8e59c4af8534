"""The endpoints of batches and of rejected rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.csv_stream import CSVView, csv_response
from hrapi.api.lists import CSVListViewSet
from hrapi.api.names import may_see_sent, refuse_without_names
from hrapi.api.query import check_query, choice
from hrapi.audit.exports import record_export_of_sent
from hrapi.ingestion import resubmission, stewardship
from hrapi.ingestion.answers import not_changed
from hrapi.ingestion.bodies import FORM, content_type, read_object, sent_bytes
from hrapi.ingestion.correction_file import correction_header
from hrapi.ingestion.corrections import correction_rows
from hrapi.ingestion.filters import BatchFilterSet, CorrectionsFilterSet, RejectedRowFilterSet
from hrapi.ingestion.hiding import shown_errors
from hrapi.ingestion.idempotency import once
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.openapi_stewardship import (
    BATCH_CORRECTIONS,
    CORRECTIONS,
    DISCARD,
    REOPEN,
    RESUBMIT,
    RESUBMIT_ALL,
)
from hrapi.ingestion.openapi_trace import UNDO
from hrapi.ingestion.permissions import UndoPermission
from hrapi.ingestion.serializers import BatchSerializer, RejectedRowSerializer, serialized_rows
from hrapi.ingestion.undoing import read_undo, undo_batch
from hrapi.tables import Table, all_tables, get_table

_FILE_CHUNK_ROWS = 2000


def undo_as_asked(request: Request, batch_id: int) -> Response:
    """The answer to a request to undo the batch."""
    check_query(request, known={"dry_run"})
    dry_run = choice(request, "dry_run", ("false", "true"), default="false") == "true"
    if content_type(request)[0] == FORM or sent_bytes(request):
        dry_run |= read_undo(*read_object(request))
    done = undo_batch(batch_id, cast("User", request.user), dry_run=dry_run)
    answer = {
        "batch": batch_id,
        "undo": done.batch_id,
        "dry_run": dry_run,
        "removed": done.removed,
        "reopened": done.reopened,
    }
    return Response(answer)


def corrections_of_batch(batch: Batch, user: Any) -> HttpResponseBase:
    """The rejected rows of the batch as a file to correct."""
    entries = RejectedRow.objects.filter(batch=batch)
    name = f"batch-{batch.pk}-rejected-rows"
    return corrections_file(get_table(batch.table), entries, name, user)


class SentListViewSet(CSVListViewSet):
    """A list that has something of what was sent, in fields that only they see who may see names."""

    holds_sent: Collection[str]

    @property
    def hidden_fields(self) -> Collection[str]:
        return () if may_see_sent(self.request.user) else self.holds_sent

    def record_csv(self, columns: Sequence[str]) -> None:
        if self.hidden_fields:
            return
        name = self.request.query_params.get("table")
        record_export_of_sent(*([get_table(name)] if name else all_tables()))

    def csv_rows(self, queryset: QuerySet, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        return serialized_rows(self.get_serializer(), queryset)


class BatchViewSet(SentListViewSet):
    """What each request and each loaded file did."""

    queryset = Batch.objects.select_related("user")
    serializer_class = BatchSerializer
    filterset_class = BatchFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    required_permission: str | None = None
    holds_sent = ("file_name", "refused_detail")

    @extend_schema(**UNDO)
    @action(detail=True, methods=["post"], permission_classes=[UndoPermission])
    @once
    def undo(self, request: Request, pk: str) -> Response:
        """Removes what the batch inserted."""
        return undo_as_asked(request, int(pk))


class RejectedRowViewSet(SentListViewSet):
    """The reject log: every row that could not be taken, with the reasons."""

    queryset = RejectedRow.objects.all()
    serializer_class = RejectedRowSerializer
    filterset_class = RejectedRowFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    required_permission: str | None = None
    holds_sent = ("raw", "raw_truncated")

    @extend_schema(**RESUBMIT)
    @action(detail=True, methods=["post"], required_permission="ingestion.change_rejectedrow")
    @once
    def resubmit(self, request: Request, pk: str) -> Response:
        """Takes the row with the fields sent in place of its own, and closes the entry."""
        check_query(request, known=())
        corrections, faults = read_object(request)
        found = resubmission.resubmit(int(pk), corrections, faults, cast("User", request.user))
        if found:
            return not_changed(found, sees_sent=may_see_sent(request.user))
        return Response(self.get_serializer(RejectedRow.objects.get(pk=pk)).data)

    @extend_schema(**RESUBMIT_ALL)
    @action(
        detail=False,
        methods=["post"],
        url_path="resubmit",
        required_permission="ingestion.change_rejectedrow",
    )
    @once
    def resubmit_all(self, request: Request) -> Response:
        """The same for all open entries that fit a filter."""
        check_query(request, known=())
        order = stewardship.read_correction(*read_object(request))
        done = resubmission.resubmit_all(
            order.selection,
            order.corrections,
            cast("User", request.user),
            dry_run=order.dry_run,
        )
        sees_sent = may_see_sent(request.user)
        answer = {
            "batch": done.batch_id,
            "dry_run": order.dry_run,
            "resolved": len(done.resolved),
            "still_open": len(done.still_wrong),
            "resolved_rows": done.resolved,
            "still_open_rows": [
                {"rejected_row": entry, "errors": shown_errors(errors, sees_sent=sees_sent)}
                for entry, errors in done.still_wrong.items()
            ],
        }
        status = HTTPStatus.MULTI_STATUS if done.still_wrong else HTTPStatus.OK
        return Response(answer, status=status)

    @extend_schema(**DISCARD)
    @action(detail=False, methods=["post"], required_permission="ingestion.change_rejectedrow")
    @once
    def discard(self, request: Request) -> Response:
        """Closes open entries whose rows are not wanted."""
        return self._set_status(request, stewardship.discard)

    @extend_schema(**REOPEN)
    @action(detail=False, methods=["post"], required_permission="ingestion.change_rejectedrow")
    @once
    def reopen(self, request: Request) -> Response:
        """Opens discarded entries again."""
        return self._set_status(request, stewardship.reopen)

    def _set_status(self, request: Request, change: Callable[..., list[int]]) -> Response:
        check_query(request, known=())
        order = stewardship.read_discarding(*read_object(request))
        changed = change(
            order.selection,
            reason=order.reason,
            user=cast("User", request.user),
            dry_run=order.dry_run,
        )
        shown = changed[: stewardship.MAX_IDS]
        return Response({"dry_run": order.dry_run, "changed": len(changed), "rejected_rows": shown})


class BatchCorrectionsView(CSVView):
    """The rejected rows of one batch as a CSV file to correct and send again.

    Refused to who may not see names of people.
    """

    required_permission = "ingestion.view_rejectedrow"
    renderer_classes = [JSONRenderer]

    @extend_schema(**BATCH_CORRECTIONS)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        check_query(request, known=())
        return corrections_of_batch(get_object_or_404(Batch, pk=pk), request.user)


class CorrectionsView(CSVView, GenericAPIView):
    """The entries of the reject log that fit a filter, of one table, as a CSV file to correct and send.

    Refused to who may not see names of people.
    """

    required_permission = "ingestion.view_rejectedrow"
    renderer_classes = [JSONRenderer]
    queryset = RejectedRow.objects.all()
    filterset_class = CorrectionsFilterSet
    pagination_class = None

    @extend_schema(**CORRECTIONS)
    def get(self, request: Request) -> HttpResponseBase:
        entries = self.filter_queryset(self.get_queryset())
        table = get_table(request.query_params["table"])
        return corrections_file(table, entries, "rejected-rows", request.user)


def corrections_file(
    table: Table,
    entries: QuerySet[RejectedRow],
    name: str,
    user: Any,
    *,
    for_spreadsheets: bool = False,
) -> HttpResponseBase:
    """Entries of one table as a file to correct and send again, without those whose row is no longer kept.

    Raises ProblemError for who may not see names.
    """
    refuse_without_names(user, "Rows as they were sent")
    record_export_of_sent(table)
    found = entries.exclude(raw="").order_by("id").iterator(chunk_size=_FILE_CHUNK_ROWS)
    return csv_response(
        file_name=f"{table.name}-{name}.csv",
        header=correction_header(table.fields),
        rows=correction_rows(table, found),
        for_spreadsheets=for_spreadsheets,
    )
