"""The endpoints that every table has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.csv_copy import CELLS_OF_TYPE, copy_response, select_of
from hrapi.api.lists import CSVListViewSet
from hrapi.api.names import hidden_fields, may_see_sent
from hrapi.api.problems import ProblemError, problem_body
from hrapi.api.query import check_query, choice, integer
from hrapi.api.renderers import BrowsableRenderer, CSVParser, PlainJSONRenderer
from hrapi.api.responses import ProblemResponse
from hrapi.audit.exports import record_export
from hrapi.ingestion.answers import answer_status, describe_result, not_changed, summary
from hrapi.ingestion.batches import BatchResult, Origin
from hrapi.ingestion.bodies import SentBody, read_object, read_rows
from hrapi.ingestion.edits import delete_row, update_row
from hrapi.ingestion.idempotency import once
from hrapi.ingestion.models import Batch
from hrapi.ingestion.openapi import RowsSchema
from hrapi.ingestion.openapi_trace import TRACE
from hrapi.ingestion.parsing.csv_dialect import CsvOptions
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.ingestion.serializers import TraceSerializer
from hrapi.ingestion.services import ingest_batch, record_refusal
from hrapi.ingestion.tracing import trace_row
from hrapi.ingestion.validation import validate_rows
from hrapi.tables import Table, get_table

MAX_FIRST_LINE = 999_999_999

_REFUSALS_KEPT = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class RowsViewSet(CSVListViewSet):
    """The endpoints of one table: a list, batches of rows, one row. `basename` is the table's name."""

    parser_classes = [JSONParser, CSVParser, MultiPartParser]
    renderer_classes = [PlainJSONRenderer, BrowsableRenderer]
    lookup_value_regex = "[0-9]{1,16}"
    schema = RowsSchema()
    required_permission: str | None = None

    @property
    def table(self) -> Table:
        return get_table(self.basename)

    @property
    def hidden_fields(self) -> Collection[str]:
        return hidden_fields(self.request.user, self.table)

    def example_rows(self) -> list[dict[str, Any]]:
        """Two rows that can be posted, for the forms of the browsable API and the OpenAPI schema."""
        return self.table.example_rows

    def record_csv(self, columns: Sequence[str]) -> None:
        record_export(self.table, columns)

    def csv_answer(self, queryset: QuerySet, columns: Sequence[str]) -> StreamingHttpResponse:
        fields = self.table.row.model_fields
        cells = [(name, CELLS_OF_TYPE[fields[name].annotation]) for name in columns]
        query = select_of(queryset, columns)
        return copy_response(query, cells, file_name=f"{self.basename}.csv")

    @once
    def create(self, request: Request) -> Response:
        """Takes 1 to 1,000 rows as a JSON array, CSV or JSON Lines, or one row as an object or a form."""
        user = cast("User", request.user)
        origin = Origin(source=Batch.Source.API, user=user)
        try:
            check_query(request, known={"mode", "dry_run", "delimiter", "header", "first_line"})
            dry_run = choice(request, "dry_run", ("false", "true"), default="false") == "true"
            origin = replace(origin, dry_run=dry_run)
            mode = choice(request, "mode", Batch.Mode.values, default=Batch.Mode.PARTIAL.value)
            origin = replace(origin, mode=Batch.Mode(mode))
            csv_options = CsvOptions(
                delimiter=request.query_params.get("delimiter"),
                header=choice(request, "header", ("auto", "present", "absent"), default="auto"),  # type: ignore[arg-type]
                first_line=integer(
                    request, "first_line", default=0, minimum=1, maximum=MAX_FIRST_LINE
                )
                or None,
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
        answer = describe_result(result, sees_sent=may_see_sent(self.request.user))
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
        # Whoever has sent the row knows its names.
        return Response(self._whole(row), status=status, headers=headers)

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
            lambda stored: changed(self._whole(stored)),
            user=cast("User", self.request.user),
        )
        if edit.faults:
            return not_changed(edit.faults, sees_sent=not self.hidden_fields)
        return Response(self._shown(dict(zip(self.table.fields, edit.values, strict=True))))

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row as the user reads it."""
        return dict(self.get_serializer(row).data)

    def _whole(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with all of its fields, as it can be posted."""
        return dict(self.get_serializer_class()(row).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Deletes the row; 409 while other rows refer to it."""
        check_query(request, known=())
        delete_row(self.table, int(pk), user=cast("User", request.user))
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(**TRACE)
    # A method called trace would answer the HTTP method of that name.
    @action(detail=True, url_path="trace", required_permission="ingestion.view_rejectedrow")
    def read_trace(self, request: Request, pk: str) -> Response:
        """Where the row came from, how it was changed, and when it was rejected."""
        check_query(request, known=())
        model = self.table.model._meta
        if not request.user.has_perm(f"{model.app_label}.view_{model.model_name}"):
            raise PermissionDenied
        trace = trace_row(self.table, int(pk))
        if trace.is_empty:
            raise NotFound
        traced = {"table": self.table.name, "id": int(pk), **vars(trace)}
        context = self.get_serializer_context() | {"shown": self._shown_before}
        return Response(TraceSerializer(traced, context=context).data)

    def _shown_before(self, before: dict[str, Any]) -> dict[str, Any]:
        [checked] = validate_rows(self.table, [SentRow(0, None, before, before)])
        return self._shown(dict(zip(self.table.fields, checked.values or (), strict=True)))
