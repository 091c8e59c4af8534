"""Who is asking: a program with an access token. Only with OAUTH=1 does the API ask here."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from hrapi.api.scopes import limit_user


class InvalidAccessTokenError(AuthenticationFailed):
    """There is no such token, or it has ended: to be answered as RFC 6750 says."""

    challenge = 'Bearer realm="Hiring data", error="invalid_token"'


class BearerAuthentication(authentication.TokenAuthentication):
    """`Authorization: Bearer <token>`, and nowhere else in the request. One query."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, Any]:
        """The user of the client, limited to the scopes of the token, and the token."""
        found = (
            get_access_token_model()
            .objects.select_related("application__user")
            .filter(
                token_checksum=sha256(key.encode()).hexdigest(),
                expires__gt=timezone.now(),
                application__user__is_active=True,
            )
            .first()
        )
        if found is None:
            raise InvalidAccessTokenError("Invalid access token.")
        user = found.application.user
        limit_user(user, found.scope.split())
        return user, found
