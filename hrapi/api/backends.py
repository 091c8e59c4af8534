from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q

from hrapi.api.logins import LoginAttempt


class ServiceBackend(ModelBackend):
    """Django's own, but logins that fail are counted, and all permissions are read by one query instead of two."""

    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> Any:
        """Every way in with a password leads through here. Raises Throttled when too many have failed."""
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **credentials)
        attempt = LoginAttempt.of(request, username)
        attempt.begin()
        user = super().authenticate(request, username, password, **credentials)
        if user is None:
            attempt.fail()
        else:
            attempt.succeed()
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if user_obj.is_superuser or not user_obj.is_active or user_obj.is_anonymous or obj:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            granted = Permission.objects.filter(
                Q(user=user_obj) | Q(group__in=user_obj.groups.all())
            ).values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in granted.order_by()}
        permissions: set[str] = user_obj._perm_cache
        return permissions
