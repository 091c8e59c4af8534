"""Whose role changes has to come in anew: tokens and sessions from before end at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from django.utils import timezone

from hrapi.api.tokens import end_tokens

_OF_A_ROLE = ("is_active", "is_staff", "is_superuser")


def watch_roles() -> None:
    """What a group may do is no role: it holds for its members with their next request."""
    pre_save.connect(_user_is_saved, User)
    m2m_changed.connect(_rights_changed, User.groups.through)
    m2m_changed.connect(_rights_changed, User.user_permissions.through)
    pre_delete.connect(_group_goes, Group)


def end_access(user_ids: Collection[int]) -> None:
    """Ends all tokens and sessions of these users. It looks through all sessions: roles change rarely."""
    end_tokens(user_ids)
    names = {str(pk) for pk in user_ids}
    alive = Session.objects.filter(expire_date__gt=timezone.now())
    ended = [
        session.pk
        for session in alive.iterator()
        if session.get_decoded().get(SESSION_KEY) in names
    ]
    Session.objects.filter(pk__in=ended).delete()


def _user_is_saved(
    *, instance: User, raw: bool, update_fields: Collection[str] | None, **signal: Any
) -> None:
    if raw or not instance.pk or (update_fields and not set(_OF_A_ROLE) & set(update_fields)):
        return
    before = User.objects.filter(pk=instance.pk).values(*_OF_A_ROLE).first()
    if before and any(getattr(instance, name) != value for name, value in before.items()):
        end_access([instance.pk])


def _rights_changed(
    *, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **signal: Any
) -> None:
    """Of a user; reversed, `instance` is the group or permission, and `pk_set` are users."""
    if action in ("post_add", "post_remove") and pk_set:
        end_access(pk_set if reverse else [instance.pk])
    elif action == "pre_clear":
        end_access(_members(instance) if reverse else [instance.pk])


def _group_goes(*, instance: Group, **signal: Any) -> None:
    end_access(_members(instance))


def _members(group: Any) -> list[int]:
    return list(group.user_set.values_list("pk", flat=True))
