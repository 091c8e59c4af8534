"""Users in the admin. Who manages users without being a superuser must not become one that way."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

admin.site.unregister(User)


@admin.register(User)
class GuardedUserAdmin(UserAdmin):
    """Django's own; superusers, and the rights that a group does not give, are for superusers only."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        is_superuser = bool(getattr(request.user, "is_superuser", False))
        return users if is_superuser else users.filter(is_superuser=False)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        if getattr(request.user, "is_superuser", False):
            return fields
        return (*fields, "is_superuser", "user_permissions")
