"""Whose role changes has to come in anew: tokens and sessions from before end. Each change is recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.utils import timezone

from hrapi.api.tokens import end_tokens
from hrapi.audit.recording import Action, record

_OF_A_ROLE = ("is_active", "is_staff", "is_superuser")
_VERBS = {"post_add": "added", "post_remove": "removed", "pre_clear": "removed"}


def watch_roles() -> None:
    """What a group may do is no role: it holds for its members with their next request."""
    pre_save.connect(_user_is_saved, User)
    post_save.connect(_user_is_made, User)
    pre_delete.connect(_user_goes, User)
    m2m_changed.connect(_rights_changed, User.groups.through)
    m2m_changed.connect(_rights_changed, User.user_permissions.through)
    m2m_changed.connect(_group_changed, Group.permissions.through)
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
    before = User.objects.filter(pk=instance.pk).values(*_OF_A_ROLE).first() or {}
    now = {name: getattr(instance, name) for name in before}
    if changed := {name: now[name] for name in now if now[name] != before[name]}:
        end_access([instance.pk])
        _record(instance, **changed)


def _user_is_made(*, instance: User, created: bool, raw: bool, **signal: Any) -> None:
    given = {name: True for name in ("is_staff", "is_superuser") if getattr(instance, name)}
    if created and given and not raw:
        _record(instance, created=True, **given)


def _user_goes(*, instance: User, **signal: Any) -> None:
    _record(instance, deleted=True)


def _rights_changed(
    *,
    instance: Any,
    action: str,
    reverse: bool,
    model: type[Model],
    pk_set: set[int] | None,
    **signal: Any,
) -> None:
    """Of a user; reversed, `instance` is the group or permission, and `pk_set` are users."""
    if action not in _VERBS or pk_set == set():
        return
    if reverse:
        users = User.objects.filter(pk__in=_members(instance) if pk_set is None else pk_set)
        kind, rights = instance._meta.model_name, _names([instance])
    else:
        users = User.objects.filter(pk=instance.pk)
        kind = model._meta.model_name
        held = instance.groups if model is Group else instance.user_permissions
        found = held.all() if pk_set is None else model._default_manager.filter(pk__in=pk_set)
        rights = _names(found)
    end_access([user.pk for user in users])
    for user in users if rights else ():
        _record(user, **{f"{kind}s_{_VERBS[action]}": rights})


def _group_changed(
    *, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **signal: Any
) -> None:
    """What a group may do; reversed, `instance` is the permission, and `pk_set` are groups."""
    if action not in _VERBS or pk_set == set():
        return
    if reverse:
        groups = instance.group_set.all() if pk_set is None else Group.objects.filter(pk__in=pk_set)
        permissions = _names([instance])
    else:
        groups = [instance]
        held = instance.permissions.all()
        found = held if pk_set is None else Permission.objects.filter(pk__in=pk_set)
        permissions = _names(found)
    for group in groups if permissions else ():
        what = {"group": group.name, f"permissions_{_VERBS[action]}": permissions}
        record(Action.ROLE_CHANGED, what)


def _group_goes(*, instance: Group, **signal: Any) -> None:
    users = User.objects.filter(pk__in=_members(instance))
    end_access([user.pk for user in users])
    members = sorted(user.get_username() for user in users)
    record(Action.ROLE_CHANGED, {"group": instance.name, "deleted": True, "accounts": members})


def _members(group: Any) -> list[int]:
    return list(group.user_set.values_list("pk", flat=True))


def _record(user: User, **change: Any) -> None:
    record(Action.ROLE_CHANGED, {"account": user.get_username(), **change})


def _names(rights: Iterable[Any]) -> list[str]:
    """`readers` of a group, `jobs.add_job` of a permission."""
    return sorted(
        right.name
        if isinstance(right, Group)
        else f"{right.content_type.app_label}.{right.codename}"
        for right in rights
    )
