from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken
from knox.settings import knox_settings

MAX_DAYS = 3650


def _days(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_DAYS:
        return int(text)
    raise ArgumentTypeError(f"send a number of days from 1 to {MAX_DAYS}, not {text!r}")


class Command(BaseCommand):
    help = "Prints a new token for a user. It is shown this once; only its hash is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="The user whom the token stands for.")
        parser.add_argument(
            "--expires",
            type=_days,
            metavar="DAYS",
            default=knox_settings.TOKEN_TTL.days,
            help="Days until the token ends (default: %(default)s).",
        )

    def handle(self, *args: Any, username: str, expires: int, **options: Any) -> None:
        users = get_user_model().objects.filter(username=username)
        user = users.first() if "\x00" not in username else None
        if user is None:
            raise CommandError(
                f"There is no user {username!r}. Make one: manage.py createsuperuser"
            )
        if not user.is_active:
            raise CommandError(f"The user {username!r} is not active.")
        _, token = AuthToken.objects.create(user, expiry=timedelta(days=expires))
        self.stdout.write(token)
