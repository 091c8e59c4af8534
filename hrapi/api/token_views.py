"""The tokens of a user, and for administrators those of all."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from hrapi.api.models import TokenDetails
from hrapi.api.openapi_tokens import END_TOKEN, MAKE_TOKEN
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.query import check_query
from hrapi.api.token_orders import read_token_order
from hrapi.api.token_serializers import NewTokenSerializer, TokenDetailsSerializer
from hrapi.api.tokens import make_token
from hrapi.ingestion.bodies import read_object


class TokenPermission(BasePermission):
    """Whoever is logged in, but not with a token that is limited: it would do more than it was made for."""

    message = "A token with scopes does not see, make or end tokens."

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.is_authenticated) and not hasattr(request.user, "is_limited")


@extend_schema_view(
    list=extend_schema(description="One's own tokens; for administrators those of all.")
)
class TokenViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """One's own tokens; whoever may delete tokens sees and ends those of all."""

    queryset = TokenDetails.objects.select_related("token__user")
    serializer_class = TokenDetailsSerializer
    permission_classes = [TokenPermission]
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[TokenDetails]:
        tokens: QuerySet[TokenDetails] = super().get_queryset()
        user = cast("User", self.request.user)
        sees_all = user.has_perm("knox.delete_authtoken")
        return tokens if sees_all else tokens.filter(token__user=user)

    @extend_schema(**MAKE_TOKEN)
    def create(self, request: Request) -> Response:
        """Makes a token for whoever asks. Its text is shown this once. A token makes no further tokens."""
        check_query(request, known=())
        if request.auth is not None:
            raise ProblemError(
                ProblemCode.PERMISSION_DENIED, "Log in with the password, not with a token."
            )
        order = read_token_order(*read_object(request))
        token, text = make_token(cast("User", request.user), **order)
        path = reverse("tokens-detail", args=[token.details.pk])
        details = token.details
        details.text = text
        return Response(
            NewTokenSerializer(details).data,
            status=HTTPStatus.CREATED,
            headers={"Location": request.build_absolute_uri(path)},
        )

    @extend_schema(**END_TOKEN)
    def destroy(self, request: Request, pk: str) -> Response:
        """Ends the token."""
        check_query(request, known=())
        self.get_object().token.delete()
        return Response(status=HTTPStatus.NO_CONTENT)
