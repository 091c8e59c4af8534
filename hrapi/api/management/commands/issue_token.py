from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from hrapi.api.problems import ProblemError
from hrapi.api.scopes import Scope
from hrapi.api.tokens import DEFAULT_DAYS, MAX_DAYS, make_token
from hrapi.ingestion.fields import parse_text


def _days(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_DAYS:
        return int(text)
    raise ArgumentTypeError(f"send a number of days from 1 to {MAX_DAYS}, not {text!r}")


def _name(text: str) -> str:
    try:
        return parse_text(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


class Command(BaseCommand):
    help = "Prints a new token for a user. It is shown this once; only its hash is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="The user whom the token stands for.")
        parser.add_argument(
            "--name",
            type=_name,
            help="What the token is for, to be found again in lists of tokens.",
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=[scope.value for scope in Scope],
            help="What the token may do of what its user may; may be given more than once. Without it: all.",
        )
        parser.add_argument(
            "--expires",
            type=_days,
            metavar="DAYS",
            default=DEFAULT_DAYS,
            help="Days until the token ends (default: %(default)s).",
        )

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        name, scopes, expires = options["name"], options["scope"], options["expires"]
        users = get_user_model().objects.filter(username=username)
        user = users.first() if "\x00" not in username else None
        if user is None:
            raise CommandError(
                f"There is no user {username!r}. Make one: manage.py createsuperuser"
            )
        if not user.is_active:
            raise CommandError(f"The user {username!r} is not active.")
        try:
            _, token = make_token(user, name=name or "", scopes=scopes or (), days=expires)
        except ProblemError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(token)
