from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import models
from oauth2_provider.models import AbstractApplication

from hrapi.api.scopes import Scope


class Client(AbstractApplication):
    """A program that gets access tokens for its user by the client credentials grant, and no other way."""

    user: models.ForeignKey[Any, User] = models.ForeignKey(
        User, models.CASCADE, related_name="oauth_clients"
    )
    scopes: models.Field[Any, list[str]] = ArrayField(
        models.CharField(max_length=20, choices=[(scope.value, scope.value) for scope in Scope]),
        help_text="What its tokens may do of what its user may.",
    )

    class Meta:
        db_table = "oauth_clients"
        verbose_name = "OAuth client"
        default_permissions = ("view", "delete")

    def is_usable(self, request: Any) -> bool:
        """django-oauth-toolkit asks before it takes the secret."""
        return bool(self.user.is_active)
