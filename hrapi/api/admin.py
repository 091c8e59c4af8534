"""What admins share, and users in it. Who manages users without being a superuser must not become one that way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from knox.models import AuthToken

from hrapi.api.tokens import hold_users


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


admin.site.unregister(User)
admin.site.unregister(AuthToken)


_SHOWN = ("shown_name", "user", "shown_scopes", "created", "expiry", "last_used_at")


@admin.register(AuthToken)
class TokenAdmin(ReadOnlyAdmin):
    """Tokens, to be looked at and to be ended. They are made where their text is shown to whom it is for."""

    list_display = _SHOWN
    list_select_related = ["user", "details"]
    search_fields = ["user__username", "details__name"]
    fields = _SHOWN
    readonly_fields = _SHOWN

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))

    @admin.display(description="name")
    def shown_name(self, token: AuthToken) -> str:
        return str(token.details)

    @admin.display(description="scopes")
    def shown_scopes(self, token: AuthToken) -> str:
        return ", ".join(token.details.scopes) or "all that the user may"

    @admin.display(description="last used at")
    def last_used_at(self, token: AuthToken) -> datetime | None:
        used: datetime | None = token.details.last_used_at
        return used


@admin.register(User)
class GuardedUserAdmin(UserAdmin):
    """Django's own; superusers, and the rights that a group does not give, are for superusers only."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        is_superuser = bool(getattr(request.user, "is_superuser", False))
        return users if is_superuser else users.filter(is_superuser=False)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        # Django first looks what hangs on the user: no token must come in between.
        hold_users([obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            hold_users(list(queryset.values_list("pk", flat=True)))
            super().delete_queryset(request, queryset)

    def user_change_password(self, *args: Any, **kwargs: Any) -> Any:
        """In one transaction, which Django leaves out here: password, end of tokens, records of both."""
        with transaction.atomic():
            return super().user_change_password(*args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # What the service itself writes is no matter of opinion.
        fields = (*super().get_readonly_fields(request, obj), "last_login", "date_joined")
        if getattr(request.user, "is_superuser", False):
            return fields
        return (*fields, "is_superuser", "user_permissions")
