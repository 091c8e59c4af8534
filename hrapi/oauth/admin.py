"""Clients, to be looked at and to be ended. `register_client` makes them, where their secret is shown."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from hrapi.api.admin import ReadOnlyAdmin
from hrapi.oauth.models import Client

# django-oauth-toolkit's own would let clients be made for grants that there are not.
for model in (
    Client,
    get_access_token_model(),
    get_grant_model(),
    get_id_token_model(),
    get_refresh_token_model(),
):
    admin.site.unregister(model)

_SHOWN = ("name", "client_id", "user", "shown_scopes", "created")


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    list_display = _SHOWN
    list_select_related = ["user"]
    search_fields = ["name", "client_id", "user__username"]
    fields = _SHOWN
    readonly_fields = _SHOWN

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(request.user.has_perm("oauth.delete_client"))

    @admin.display(description="scopes")
    def shown_scopes(self, client: Client) -> str:
        return ", ".join(client.scopes)
