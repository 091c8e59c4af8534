"""Lists: pages of JSON, or whole and streamed as CSV."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from hrapi.api.csv_stream import CSVView, csv_response, is_csv
from hrapi.api.names import SEES_SENT, may_see_sent
from hrapi.api.pagination import IdCursorPagination

_CSV_CHUNK_ROWS = 2000


class CSVListOnlyViewSet(CSVView, ListModelMixin, GenericViewSet):
    """A list as pages of JSON, or whole and streamed as CSV with the same columns."""

    @property
    def hidden_fields(self) -> Collection[str]:
        """The fields that the user may not see: no answer has them, and no filter may look at them."""
        return ()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """As the user may see what is there."""
        serializer: Any = super().get_serializer(*args, **kwargs)
        if not getattr(self, "swagger_fake_view", False):
            for name in self.hidden_fields:
                del getattr(serializer, "child", serializer).fields[name]
        return serializer

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_serializer_context()
        if not getattr(self, "swagger_fake_view", False):
            context[SEES_SENT] = may_see_sent(self.request.user)
        return context

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if not is_csv(request):
            return super().list(request, *args, **kwargs)
        # Pages are not for CSV, which is whole; but what is wrong is told.
        IdCursorPagination().parameters(request)
        queryset = self.filter_queryset(self.get_queryset()).order_by("id")
        columns = list(cast("Serializer[Any]", self.get_serializer()).fields)
        self.record_csv(columns)
        return self.csv_answer(queryset, columns)

    def csv_answer(self, queryset: QuerySet, columns: Sequence[str]) -> StreamingHttpResponse:
        rows = self.csv_rows(queryset, columns)
        return csv_response(file_name=f"{self.basename}.csv", header=columns, rows=rows)

    def csv_rows(self, queryset: QuerySet, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        return queryset.values_list(*columns).iterator(chunk_size=_CSV_CHUNK_ROWS)

    def record_csv(self, columns: Sequence[str]) -> None:
        """Called before a list goes out whole, for those that hold people's names."""

    def is_expensive(self) -> bool:
        return is_csv(self.request)

    def offers_csv(self) -> bool:
        return bool(self.action == "list")


class CSVListViewSet(RetrieveModelMixin, CSVListOnlyViewSet):
    """The same, and one of it."""
