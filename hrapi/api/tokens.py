"""Tokens: made, used, ended. knox keeps their hashes, `TokenDetails` what they are for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from knox.models import AuthToken
from knox.settings import knox_settings
from oauth2_provider.models import get_access_token_model

from hrapi.api.models import TokenDetails
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.audit.recording import Action, record

TOKEN = re.compile(rb"[0-9a-f]{64}")
"""The text of one."""

MAX_DAYS = 3650
DEFAULT_DAYS = knox_settings.TOKEN_TTL.days

_USE_IS_NOTED_EVERY = timedelta(minutes=5)


def make_token(
    user: User, *, name: str = "", scopes: Sequence[str] = (), days: int = DEFAULT_DAYS
) -> tuple[AuthToken, str]:
    """A new token and its text, which is kept nowhere. Without scopes it may do all that its user may.

    Raises ProblemError when the user has as many as there may be.
    """
    with transaction.atomic():
        _refuse_too_many(user)
        token, text = AuthToken.objects.create(user, expiry=timedelta(days=days))
        details = token.details
        details.name, details.scopes = name, sorted(set(scopes))
        details.save()
        what = {"token": details.pk, "account": user.get_username(), "scopes": details.scopes}
        record(Action.TOKEN_ISSUED, what | {"expires_days": days})
    return token, text


def hold_users(user_ids: Collection[int]) -> list[User]:
    """Those of the users that there are. Until the transaction ends, nobody else makes or ends their tokens."""
    users = User.objects.select_for_update(no_key=True).filter(pk__in=user_ids)
    # In order, so that nobody waits in a circle.
    return list(users.order_by("pk"))


def _refuse_too_many(user: User) -> None:
    if not any(found.is_active for found in hold_users([user.pk])):
        raise ProblemError(ProblemCode.NOT_AUTHENTICATED, "This user has just been shut out.")
    alive = Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())
    if AuthToken.objects.filter(alive, user_id=user.pk).count() >= settings.TOKENS_PER_USER:
        raise ProblemError(
            ProblemCode.CONFLICT,
            f"There are {settings.TOKENS_PER_USER:,} tokens of this user. End one first.",
        )


def end_tokens(user_ids: Collection[int]) -> None:
    """Ends all tokens of these users: also those of OAuth, which stand for the user of their client."""
    with transaction.atomic():
        hold_users(user_ids)
        AuthToken.objects.filter(user_id__in=user_ids).delete()
        get_access_token_model().objects.filter(application__user_id__in=user_ids).delete()


def keep_details(*, instance: AuthToken, created: bool, **signal: Any) -> None:
    """Every token has details, whoever made it."""
    if created:
        TokenDetails.objects.create(token=instance)


def tell_of_end(*, instance: AuthToken, **signal: Any) -> None:
    """Whatever ends the token: its user, an administrator, a new password, another role. Each end is told once.

    It comes before the deletion, in its transaction, and makes others wait who would end the token too.
    """
    users = hold_users([instance.user_id])
    ended = TokenDetails.objects.filter(token=instance).values_list("pk", flat=True).first()
    if users and ended is not None:
        record(Action.TOKEN_ENDED, {"token": ended, "account": users[0].get_username()})


def scopes_of(token: Any) -> Sequence[str]:
    """Empty for a token without limits of its own, and for what is no token."""
    details = getattr(token, "details", None)
    return () if details is None else details.scopes


def note_use(token: AuthToken) -> None:
    """Keeps when the token was used, at most once in five minutes, so that it costs nothing most of the time."""
    details = getattr(token, "details", None)
    now = timezone.now()
    if details is not None and (
        details.last_used_at is None or details.last_used_at <= now - _USE_IS_NOTED_EVERY
    ):
        TokenDetails.objects.filter(pk=details.pk).update(last_used_at=now)


def purge_access_tokens() -> int:
    """Removes those of OAuth that have ended; how many they were."""
    number, _ = get_access_token_model().objects.filter(expires__lte=timezone.now()).delete()
    return int(number)
