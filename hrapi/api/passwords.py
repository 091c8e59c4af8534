from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from hrapi.api.tokens import TOKEN, end_tokens


class LooksLikeNoToken:
    """What looks like a token is taken for one: by Basic nobody could log in with it as a password."""

    def validate(self, password: str, user: User | None = None) -> None:
        if TOKEN.fullmatch(password.encode(errors="replace")):
            raise ValidationError(self.get_help_text())

    def get_help_text(self) -> str:
        return "Your password can’t be 64 characters of 0 to 9 and a to f: that is what tokens look like."


class TokensEndWithThePassword:
    """Not a rule for passwords: Django tells its validators when a password has changed."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Any password will do."""

    def get_help_text(self) -> str:
        return "A new password ends the tokens of the user."

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk is not None:
            end_tokens([user.pk])
