"""OData 4.0, read only: the service document, `$metadata`, entity sets, entities and `$count`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import Http404, HttpResponse
from pydantic_core import to_json
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from hrapi.api.renderers import as_javascript
from hrapi.web_server.limits import MAX_LINE_BYTES
from reports.datasets.definition import Column, Dataset, Type
from reports.datasets.reading import readable_datasets, record_names, visible_columns
from reports.odata.errors import invalid, not_supported
from reports.odata.filters import properties_of
from reports.odata.metadata import metadata_document
from reports.odata.negotiation import (
    XML,
    Form,
    OneForm,
    check_metadata_format,
    check_version,
    json_form,
    page_size,
)
from reports.odata.options import FORMAT, OF_ENTITY, OF_SET, Options, check_options, read_options
from reports.odata.paging import Order, longest_token, read_skip_token, skip_token, whole_order
from reports.odata.reading import Rows
from reports.odata.sets import address_of, context_of, key_filter
from reports.rejections import REJECTED_HEADER, open_rejections

_UNESCAPED = "$,()':/*@;"
"""What may stand in a query as it is: three times as long, filters would not fit into an address."""


class ODataView(APIView):
    """What all of them have in common. The OpenAPI document leaves them out: `$metadata` describes them."""

    schema = None
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OneForm

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_version(request)

    def answer(self, form: Form, body: dict[str, Any]) -> HttpResponse:
        """The body, which begins with its context where that is wanted."""
        if not form.has_context:
            body.pop("@odata.context")
        return HttpResponse(as_javascript(to_json(body)), content_type=form.content_type)


class ServiceView(ODataView):
    """The entity sets that you may read."""

    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> HttpResponse:
        check_options(request, {FORMAT})
        sets = [
            {"name": dataset.set_name, "kind": "EntitySet", "url": dataset.set_name}
            for dataset in readable_datasets(request.user)
        ]
        return self.answer(
            json_form(request), {"@odata.context": context_of(request), "value": sets}
        )


class MetadataView(ODataView):
    """What the entity sets that you may read are made of: XML, whatever is asked for."""

    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> HttpResponse:
        check_options(request, {FORMAT})
        check_metadata_format(request)
        sets = [
            (dataset, visible_columns(dataset, request.user))
            for dataset in readable_datasets(request.user)
        ]
        return HttpResponse(metadata_document(sets), content_type=f"{XML};charset=utf-8")


class BatchView(ODataView):
    """Several requests in one. It knows of them so that clients are told 501, and ask one by one."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> HttpResponse:
        raise not_supported("$batch is not supported: send the requests one by one.")


class RowsView(ODataView):
    """Rows of a dataset, or how many there are."""

    dataset: Dataset = None  # type: ignore[assignment]

    @property
    def required_permission(self) -> str:
        return self.dataset.permission

    def is_expensive(self) -> bool:
        return True

    def prepare(self, request: Request, known: frozenset[str]) -> tuple[dict[str, Column], Options]:
        """The columns that the user may see, by name, and what is asked of them."""
        columns = visible_columns(self.dataset, request.user)
        by_name = {column.name: column for column in columns}
        return by_name, read_options(request, columns, known)

    def with_open_rejections(self, response: HttpResponse) -> HttpResponse:
        if self.dataset.leaves_out:
            response[REJECTED_HEADER] = str(open_rejections(self.dataset.leaves_out))
        return response


class SetView(RowsView):
    """A page of the entity set; or the one entity whose key stands in the address."""

    def get(self, request: Request, key: str) -> HttpResponse:
        form = json_form(request)
        if key:
            return self.with_open_rejections(self.entity(request, form, key))
        return self.with_open_rejections(self.page(request, form))

    def entity(self, request: Request, form: Form, key: str) -> HttpResponse:
        columns, options = self.prepare(request, OF_ENTITY)
        shown = options.selected or tuple(columns.values())
        rows = Rows(self.dataset, columns, key_filter(self.dataset, key)).page(
            [column.name for column in shown], whole_order(self.dataset, ()), limit=1
        )
        if not rows:
            raise Http404
        record_names(shown)
        context = context_of(request, self.dataset, options.selected, is_entity=True)
        [entity] = _values(shown, rows, form)
        return self.answer(form, {"@odata.context": context, **entity})

    def page(self, request: Request, form: Form) -> HttpResponse:
        columns, options = self.prepare(request, OF_SET)
        shown = options.selected or tuple(columns.values())
        order = whole_order(self.dataset, options.order)
        last = None if options.skip_token is None else read_skip_token(options.skip_token, order)
        rows = Rows(self.dataset, columns, options.filter)
        size, is_preferred = page_size(request)
        limit = size if options.top is None else min(size, options.top)
        # One more row tells whether there is a next page; the columns of the order, where it begins.
        names = [column.name for column in shown]
        names += [each.column.name for each in order if each.column not in shown]
        found = rows.page(names, order, limit=limit + 1, offset=options.skip, last=last)

        body: dict[str, Any] = {
            "@odata.context": context_of(request, self.dataset, options.selected)
        }
        if options.count:
            body["@odata.count"] = _number(rows.count(), form)
        body["value"] = _values(shown, found[:limit], form)
        left = None if options.top is None else options.top - limit
        if len(found) > limit and left != 0:
            end = dict(zip(names, found[limit - 1], strict=True))
            token = skip_token([end[each.column.name] for each in order])
            body["@odata.nextLink"] = _next_link(request, self.dataset, left, token, order)
        # Names that are asked for in a filter or an order leave the service too.
        asked = {each.column.name for each in options.order}
        if options.filter is not None:
            asked |= properties_of(options.filter)
        record_names([*shown, *(columns[name] for name in asked)])
        response = self.answer(form, body)
        if is_preferred:
            response["Preference-Applied"] = f"odata.maxpagesize={size}"
        return response


class CountView(RowsView):
    """How many entities the filter keeps, as a bare number. What else is asked makes no difference to it."""

    def get(self, request: Request, key: str = "") -> HttpResponse:
        columns, options = self.prepare(request, OF_SET)
        number = Rows(self.dataset, columns, options.filter).count()
        if options.filter is not None:
            record_names([columns[name] for name in properties_of(options.filter)])
        response = HttpResponse(str(number), content_type="text/plain;charset=utf-8")
        return self.with_open_rejections(response)


def _values(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]], form: Form
) -> list[dict[str, Any]]:
    """The rows as JSON has them. There may be more cells in a row than columns."""
    names = [column.name for column in columns]
    found = [dict(zip(names, row, strict=False)) for row in rows]
    if form.has_numbers_as_text:
        whole = [column.name for column in columns if column.type is Type.INTEGER]
        for row in found:
            row.update({name: _number(row[name], form) for name in whole})
    return found


def _number(number: int | None, form: Form) -> int | str | None:
    return str(number) if form.has_numbers_as_text and number is not None else number


def _next_link(
    request: Request, dataset: Dataset, left: int | None, token: str, order: Sequence[Order]
) -> str:
    """The address of the next page: the same request, of the `left` rows after this page.

    Raises ProblemError on the first page where that of any page could be longer than the server takes.
    """
    asked = {
        name: value
        for name, value in request.query_params.items()
        if name not in ("$skip", "$top", "$skiptoken")
    }
    if left is not None:
        asked["$top"] = str(left)
    address = address_of(dataset, request)
    query = urlencode(asked | {"$skiptoken": token}, safe=_UNESCAPED)
    line = f"GET {urlsplit(address).path}?{query} HTTP/1.1"
    longest = len(line) - len(token) + longest_token(order)
    if "$skiptoken" not in request.query_params and longest > MAX_LINE_BYTES:
        raise invalid(
            f"With these options the address of a next page could be longer than {MAX_LINE_BYTES:,} bytes. Make"
            " $filter shorter."
        )
    return f"{address}?{query}"
