"""Links to charts: made, listed and revoked by those who made them."""

from __future__ import annotations

from http import HTTPStatus

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from hrapi.api.query import check_query
from reports.visualizations import bodies
from reports.visualizations.openapi import MAKE_SHARE, REVOKE, SHARE, SHARES, SHARES_OF_ONE
from reports.visualizations.selectors import find_saved, one_of, shares_of
from reports.visualizations.serializers import ShareSerializer
from reports.visualizations.sharing import DEFAULT_DAYS, make_share, revoke
from reports.visualizations.views.owned import OwnedView

_READERS = {
    "formats": bodies.formats,
    "expires_days": bodies.expires_days,
    "frozen": bodies.frozen,
    "embed_on": bodies.embed_on,
}


class _SharesView(OwnedView):
    """Whoever sees a link may end it."""

    model = "share"
    verbs = {"POST": "add"}


class SharesView(_SharesView):
    """The links that you have made; whoever may delete links sees and ends those of all."""

    @extend_schema(**SHARES)
    def get(self, request: Request) -> Response:
        check_query(request, known=())
        return Response(ShareSerializer(shares_of(request.user), many=True).data)


class SharesOfOneView(_SharesView):
    """The links to one chart that you have made."""

    @extend_schema(**SHARES_OF_ONE)
    def get(self, request: Request, chart: str) -> Response:
        check_query(request, known=())
        saved = find_saved(request.user, chart)
        found = shares_of(request.user).filter(visualization=saved)
        return Response(ShareSerializer(found, many=True).data)

    @extend_schema(**MAKE_SHARE)
    def post(self, request: Request, chart: str) -> Response:
        """Makes a link to the chart that needs no login. Its token is shown this once."""
        check_query(request, known=())
        saved = find_saved(request.user, chart)
        sent = bodies.read_fields(request, _READERS)
        order = {name: sent[name] for name in ("formats", "embed_on") if name in sent}
        share, token = make_share(
            request.user,
            saved,
            days=sent.get("expires_days", DEFAULT_DAYS),
            is_frozen=sent.get("frozen", False),
            **order,
        )
        made = shares_of(request.user).get(pk=share.pk)
        shown_once = {
            "url": request.build_absolute_uri(reverse("shared", args=[token])),
            "token": token,
        }
        location = request.build_absolute_uri(reverse("shares-detail", args=[share.pk]))
        return Response(
            ShareSerializer(made).data | shown_once,
            status=HTTPStatus.CREATED,
            headers={"Location": location},
        )


class ShareView(_SharesView):
    """One link."""

    @extend_schema(**SHARE)
    def get(self, request: Request, pk: int) -> Response:
        check_query(request, known=())
        return Response(ShareSerializer(one_of(shares_of(request.user), pk)).data)

    @extend_schema(**REVOKE)
    def delete(self, request: Request, pk: int) -> Response:
        """Ends the link at once. It stays on the list."""
        check_query(request, known=())
        revoke(one_of(shares_of(request.user), pk))
        return Response(status=HTTPStatus.NO_CONTENT)
