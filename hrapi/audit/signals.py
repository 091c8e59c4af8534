"""What Django itself tells of: logins, those that fail, and passwords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import pre_save

from hrapi.audit.origin import current_request
from hrapi.audit.recording import Action, record, record_refusal


def watch_logins() -> None:
    user_logged_in.connect(_logged_in)
    user_login_failed.connect(_login_failed)
    pre_save.connect(_user_is_saved, User)


def _logged_in(*, user: User, **signal: Any) -> None:
    record(Action.LOGIN, user=user.get_username())


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
