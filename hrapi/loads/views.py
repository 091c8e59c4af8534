"""Files that are sent to be loaded, and how far they are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.csv_stream import CSVView
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import check_query
from hrapi.ingestion.idempotency import once, once_by
from hrapi.ingestion.log_views import SentListViewSet, corrections_of_batch, undo_as_asked
from hrapi.ingestion.permissions import UndoPermission
from hrapi.ingestion.undoing import refuse_if_forbidden
from hrapi.loads.filters import LoadFilterSet
from hrapi.loads.models import Load
from hrapi.loads.openapi import CORRECTIONS, CREATE, UNDO
from hrapi.loads.orders import read_order
from hrapi.loads.permissions import LoadPermissions, may_add_rows
from hrapi.loads.renderers import LoadRenderer
from hrapi.loads.serializers import LoadDetailSerializer, LoadSerializer
from hrapi.loads.services import request_load
from hrapi.loads.uploads import SentForm, receive_form
from hrapi.tables import get_table


def _parts(request: Request) -> list[Any]:
    """What tells a form from others."""
    form = receive_form(request._request)
    fields = [part for field in sorted(form.fields.items()) for part in field]
    files = [
        part for name, file in sorted(form.files.items()) for part in (name, file.name, file.sha256)
    ]
    return [len(fields), *fields, *files]


class LoadViewSet(SentListViewSet):
    """Files of any size, loaded outside of the request."""

    queryset = Load.objects.select_related("user", "batch")
    filterset_class = LoadFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    parser_classes = [MultiPartParser]
    permission_classes = [LoadPermissions]
    renderer_classes = [JSONRenderer, LoadRenderer]
    required_permission = "ingestion.view_batch"
    holds_sent = ("file_name", "error_detail")

    def get_serializer_class(self) -> type[LoadSerializer]:
        return LoadSerializer if self.action == "list" else LoadDetailSerializer

    def receive_form(self, request: HttpRequest) -> SentForm:
        """For whoever has to look into the form before the view does."""
        return receive_form(request)

    @extend_schema(**CREATE)
    @once_by(_parts)
    def create(self, request: Request) -> Response:
        """Takes a file to be loaded: 202 with the load, or 200 with that of the same file, if there is one."""
        # Whoever renders a page would read the body, which the form is read from.
        vars(request).update(_full_data={}, _data={}, _files={})
        check_query(request, known=())
        order = read_order(receive_form(request._request))
        user = cast("User", request.user)
        if not may_add_rows(user, order.table):
            raise PermissionDenied
        load, is_new = request_load(order, user)
        path = reverse("loads-detail", args=[load.pk])
        return Response(
            self.get_serializer(load).data,
            status=HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK,
            headers={"Location": request.build_absolute_uri(path)},
        )

    @extend_schema(**UNDO)
    @action(detail=True, methods=["post"], permission_classes=[UndoPermission])
    @once
    def undo(self, request: Request, pk: str) -> Response:
        """Removes what the load inserted, once it has ended."""
        load = get_object_or_404(Load, pk=pk)
        refuse_if_forbidden(get_table(load.table), cast("User", request.user))
        if not load.has_ended:
            raise ProblemError(
                ProblemCode.CONFLICT,
                f"Load {pk} is {load.state}. It can be undone when it has ended.",
            )
        if load.batch_id is None:
            raise ProblemError(ProblemCode.CONFLICT, f"Load {pk} has stored nothing.")
        return undo_as_asked(request, load.batch_id)


class LoadCorrectionsView(CSVView):
    """The rejected rows of one load as a CSV file to correct and send again.

    Refused to who may not see names of people.
    """

    required_permission = "ingestion.view_rejectedrow"
    renderer_classes = [JSONRenderer]

    @extend_schema(**CORRECTIONS)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        check_query(request, known=())
        load = get_object_or_404(Load.objects.select_related("batch"), pk=pk)
        if load.batch is None:
            raise ProblemError(ProblemCode.CONFLICT, f"Load {pk} has kept no rejected rows.")
        return corrections_of_batch(load.batch, request.user)
