from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from hrapi.api.scopes import Scope
from hrapi.ingestion.fields import MAX_TEXT_LENGTH


class TokenDetails(models.Model):
    """What knox does not keep of a token: what it is for, what it may do and when it was used."""

    token = models.OneToOneField("knox.AuthToken", models.CASCADE, related_name="details")
    name = models.CharField(
        max_length=MAX_TEXT_LENGTH, blank=True, help_text="What the token is for."
    )
    scopes = ArrayField(
        models.CharField(max_length=20, choices=[(scope.value, scope.value) for scope in Scope]),
        default=list,
        blank=True,
        help_text="What the token may do of what its user may; all of that when there are none.",
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="When the token was used last, to five minutes."
    )

    class Meta:
        db_table = "token_details"
        verbose_name = "token"
        # Permissions are those of knox's model.
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or f"token {self.pk}"


class Counter(models.Model):
    """How often something has happened since. An unlogged table: it is empty after a crash of the server."""

    key = models.TextField(primary_key=True)
    hits = models.IntegerField()
    started_at = models.DateTimeField()

    class Meta:
        db_table = "counters"
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
