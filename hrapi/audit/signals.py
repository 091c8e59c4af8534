"""What Django itself tells of: logins, those that fail, passwords, and other names of accounts and groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import pre_save

from hrapi.audit.origin import current_request
from hrapi.audit.recording import Action, record, record_refusal


def watch_logins() -> None:
    user_logged_in.connect(_logged_in)
    user_login_failed.connect(_login_failed)
    pre_save.connect(_user_is_saved, User)
    for model in (User, Group):
        pre_save.connect(_is_renamed, model)


def _logged_in(*, user: User, **signal: Any) -> None:
    record(Action.LOGIN, user=user)


def _login_failed(*, credentials: Mapping[str, Any], **signal: Any) -> None:
    """Names an account that there is. What else somebody types for a name may well be a password."""
    name = str(credentials.get("username") or "")
    is_account = "\x00" not in name and User.objects.filter(username=name).exists()
    record_refusal(Action.LOGIN_FAILED, {"account": name if is_account else None})
    if (request := current_request()) is not None:
        request.login_has_failed = True


def _user_is_saved(*, instance: User, raw: bool, **signal: Any) -> None:
    # What `set_password` leaves until the user is saved; Django has no other sign.
    if not raw and instance.pk and getattr(instance, "_password", None) is not None:
        record(Action.PASSWORD_CHANGED, {"account": instance.get_username()})


def _is_renamed(
    *,
    sender: Any,
    instance: User | Group,
    raw: bool,
    update_fields: Collection[str] | None,
    **signal: Any,
) -> None:
    """Events before it have the name that was, those after it the new one."""
    kind, field = ("account", "username") if sender is User else ("group", "name")
    if raw or not instance.pk or (update_fields is not None and field not in update_fields):
        return
    before = sender.objects.filter(pk=instance.pk).values_list(field, flat=True).first()
    after = getattr(instance, field)
    if before is not None and before != after:
        record(Action.RENAMED, {kind: before, f"{kind}_id": instance.pk, "new_name": after})
