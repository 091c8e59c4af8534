from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hrapi.api.models import TokenDetails
from hrapi.api.scopes import Scope
from hrapi.api.tokens import DEFAULT_DAYS, MAX_DAYS
from hrapi.ingestion.fields import MAX_TEXT_LENGTH


class TokenDetailsSerializer(serializers.ModelSerializer[TokenDetails]):
    """A token, but for its text."""

    user = serializers.CharField(source="token.user.username")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(Scope)),
        help_text="What it may do of what its user may; all of that when there are none.",
    )
    created = serializers.DateTimeField(source="token.created")
    expiry = serializers.DateTimeField(source="token.expiry", allow_null=True)

    class Meta:
        model = TokenDetails
        fields = ["id", "name", "user", "scopes", "created", "expiry", "last_used_at"]


class NewTokenSerializer(TokenDetailsSerializer):
    """A new token. Its text is shown this once."""

    token = serializers.RegexField("^[0-9a-f]{64}$", source="text")

    class Meta(TokenDetailsSerializer.Meta):
        fields = [*TokenDetailsSerializer.Meta.fields, "token"]


class TokenOrderSerializer(serializers.Serializer[Any]):
    """What a token is to be. It describes; `read_token_order` reads."""

    name = serializers.CharField(
        required=False, max_length=MAX_TEXT_LENGTH, help_text="What the token is for."
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(Scope)),
        required=False,
        allow_empty=False,
        help_text="What it may do of what you may; all of that when they are left out.",
    )
    expires_days = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_DAYS, default=DEFAULT_DAYS
    )
