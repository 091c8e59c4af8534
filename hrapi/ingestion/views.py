"""The endpoints that every table has, and those of batches and rejected rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from hrapi.api.csv_stream import CSVView, csv_response, is_csv
from hrapi.api.openapi import csv_text
from hrapi.api.pagination import IdCursorPagination
from hrapi.api.problems import ProblemError
from hrapi.api.query import check_query, choice
from hrapi.api.renderers import CSVParser
from hrapi.api.responses import ProblemResponse, problem_body
from hrapi.ingestion import resubmission, stewardship
from hrapi.ingestion.answers import answer_status, describe_result, summary
from hrapi.ingestion.batches import BatchResult, Origin
from hrapi.ingestion.bodies import SentBody, read_object, read_rows
from hrapi.ingestion.edits import delete_row, update_row
from hrapi.ingestion.filters import BatchFilterSet, RejectedRowFilterSet
from hrapi.ingestion.harmless import describe_fault
from hrapi.ingestion.idempotency import once
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.openapi import RowsSchema
from hrapi.ingestion.openapi_stewardship import (
    DISCARD,
    REOPEN,
    RESUBMIT,
    RESUBMIT_ALL,
)
from hrapi.ingestion.parsing.csv_dialect import CsvOptions
from hrapi.ingestion.selectors import correction_header, correction_rows
from hrapi.ingestion.sent import Fault
from hrapi.ingestion.serializers import BatchSerializer, RejectedRowSerializer, serialized_rows
from hrapi.ingestion.services import ingest_batch, record_refusal
from hrapi.tables import Table, get_table

_REFUSALS_KEPT = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
_CSV_CHUNK_ROWS = 2000


class CSVListViewSet(CSVView, ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """A list as pages of JSON, or whole and streamed as CSV with the same columns."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if not is_csv(request):
            return super().list(request, *args, **kwargs)
        # Pages are not for CSV, which is whole; but what is wrong is told.
        IdCursorPagination().parameters(request)
        queryset = self.filter_queryset(self.get_queryset()).order_by("id")
        columns = list(cast("Serializer[Any]", self.get_serializer()).fields)
        rows = self.csv_rows(queryset, columns)
        return csv_response(file_name=f"{self.basename}.csv", header=columns, rows=rows)

    def csv_rows(self, queryset: QuerySet, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        return queryset.values_list(*columns).iterator(chunk_size=_CSV_CHUNK_ROWS)

    def offers_csv(self) -> bool:
        return bool(self.action == "list")


class RowsViewSet(CSVListViewSet):
    """The endpoints of one table: a list, batches of rows, one row. `basename` is the table's name."""

    parser_classes = [JSONParser, CSVParser, MultiPartParser]
    lookup_value_regex = "[0-9]{1,16}"
    schema = RowsSchema()

    @property
    def table(self) -> Table:
        return get_table(self.basename)

    def example_rows(self) -> list[dict[str, Any]]:
        """Two rows that can be posted, for the forms of the browsable API and the OpenAPI schema."""
        return self.table.example_rows

    @once
    def create(self, request: Request) -> Response:
        """Takes 1 to 1,000 rows as a JSON array or CSV, or one row as an object or a form."""
        user = cast("User", request.user)
        origin = Origin(source=Batch.Source.API, user=user)
        try:
            check_query(request, known={"mode", "dry_run", "delimiter", "header"})
            dry_run = choice(request, "dry_run", ("false", "true"), default="false") == "true"
            origin = replace(origin, dry_run=dry_run)
            mode = choice(request, "mode", Batch.Mode.values, default=Batch.Mode.PARTIAL.value)
            origin = replace(origin, mode=Batch.Mode(mode))
            csv_options = CsvOptions(
                delimiter=request.query_params.get("delimiter"),
                header=choice(request, "header", ("auto", "present", "absent"), default="auto"),  # type: ignore[arg-type]
            )
            body = read_rows(request, self.table, csv_options)
        except ProblemError as problem:
            if problem.status in _REFUSALS_KEPT and not origin.dry_run:
                problem.members["batch"] = record_refusal(self.table, problem, origin)
            raise
        result = ingest_batch(self.table, body.rows, replace(origin, file_name=body.file_name))
        return self._answer(body, result)

    def _answer(self, body: SentBody, result: BatchResult) -> Response:
        status = answer_status(result)
        answer = describe_result(result)
        if status is HTTPStatus.UNPROCESSABLE_ENTITY:
            first = result.rejections[0].faults[0]
            problem = problem_body(status=status, code=first.code, detail=summary(result), **answer)
            return ProblemResponse(problem, status=status)
        if body.is_single:
            return self._answer_row(result, status)
        return Response(answer, status=status)

    def _answer_row(self, result: BatchResult, status: HTTPStatus) -> Response:
        row = dict(zip(self.table.fields, result.first_row or (), strict=True))
        headers = {}
        if status is HTTPStatus.CREATED:
            path = reverse(f"{self.basename}-detail", args=[row["id"]])
            headers["Location"] = self.request.build_absolute_uri(path)
        return Response(self.get_serializer(row).data, status=status, headers=headers)

    def update(self, request: Request, pk: str) -> Response:
        """Replaces the row."""
        check_query(request, known=())
        sent, faults = read_object(request)
        return self._change(int(pk), faults, lambda stored: {"id": stored["id"]} | sent)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes the fields sent, leaves the others."""
        check_query(request, known=())
        sent, faults = read_object(request)
        return self._change(int(pk), faults, lambda stored: stored | sent)

    def _change(
        self,
        row_id: int,
        faults: list[Fault],
        changed: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Response:
        edit = update_row(
            self.table,
            row_id,
            faults,
            lambda stored: changed(self._shown(stored)),
            user=self.request.user.get_username(),
        )
        if edit.faults:
            return _not_taken(edit.faults)
        return Response(self._shown(dict(zip(self.table.fields, edit.values, strict=True))))

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row as it is read, which is as it can be posted."""
        return dict(self.get_serializer(row).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Deletes the row; 409 while other rows refer to it."""
        check_query(request, known=())
        delete_row(self.table, int(pk))
        return Response(status=HTTPStatus.NO_CONTENT)


def _not_taken(faults: Sequence[Fault]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    body = problem_body(
        status=status,
        code=faults[0].code,
        detail="The row was not changed. `errors` says why.",
        errors=[describe_fault(fault) for fault in faults],
    )
    return ProblemResponse(body, status=status)


class BatchViewSet(CSVListViewSet):
    """What each request and each loaded file did."""

    queryset = Batch.objects.select_related("user")
    serializer_class = BatchSerializer
    filterset_class = BatchFilterSet
    lookup_value_regex = "[0-9]{1,18}"

    def csv_rows(self, queryset: QuerySet, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        return serialized_rows(self.get_serializer(), queryset)


class RejectedRowViewSet(CSVListViewSet):
    """The reject log: every row that could not be taken, with the reasons."""

    queryset = RejectedRow.objects.all()
    serializer_class = RejectedRowSerializer
    filterset_class = RejectedRowFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    required_permission: str | None = None

    @extend_schema(**RESUBMIT)
    @action(detail=True, methods=["post"], required_permission="ingestion.change_rejectedrow")
    @once
    def resubmit(self, request: Request, pk: str) -> Response:
        """Takes the row with the fields sent in place of its own, and closes the entry."""
        check_query(request, known=())
        corrections, faults = read_object(request)
        found = resubmission.resubmit(int(pk), corrections, faults, cast("User", request.user))
        if found:
            return _not_taken(found)
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
        answer = {
            "batch": done.batch_id,
            "dry_run": order.dry_run,
            "resolved": len(done.resolved),
            "still_open": len(done.still_wrong),
            "resolved_rows": done.resolved,
            "still_open_rows": [
                {"rejected_row": entry, "errors": errors}
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

    def csv_rows(self, queryset: QuerySet, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        return serialized_rows(self.get_serializer(), queryset)


class RejectedRowsFileView(CSVView):
    """The rejected rows of one batch as a CSV file to correct and send again."""

    required_permission = "ingestion.view_rejectedrow"
    renderer_classes = [JSONRenderer]

    @extend_schema(
        operation_id="batches_rejected_rows_file",
        summary="Read the rejected rows of one batch as a file",
        tags=["rejected rows"],
        parameters=[OpenApiParameter("format", exclude=True)],
        responses={(200, "text/csv"): csv_text()},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        check_query(request, known=())
        batch = get_object_or_404(Batch, pk=pk)
        table = get_table(batch.table)
        return csv_response(
            file_name=f"{table.name}-batch-{batch.pk}-rejected-rows.csv",
            header=correction_header(table),
            rows=correction_rows(table, batch),
        )
