from __future__ import annotations

from django.contrib.auth.models import User

from hrapi.api.tokens import end_tokens


class TokensEndWithThePassword:
    """Not a rule for passwords: Django tells its validators when a password has changed."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Any password will do."""

    def get_help_text(self) -> str:
        return "A new password ends the tokens of the user."

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk is not None:
            end_tokens([user.pk])
