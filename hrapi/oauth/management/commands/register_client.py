from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from oauth2_provider.generators import generate_client_secret

from hrapi.api.scopes import Scope
from hrapi.ingestion.fields import parse_text
from hrapi.oauth.models import Client


class Command(BaseCommand):
    help = (
        "Registers a program that gets access tokens by OAuth, and prints its client id and its secret. The "
        "secret is shown this once; only its hash is stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="What the program is for.")
        parser.add_argument("--user", help="The user whom its tokens stand for.")
        parser.add_argument(
            "--scope",
            action="append",
            choices=[scope.value for scope in Scope],
            help="What its tokens may do of what the user may; may be given more than once.",
        )
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--list", action="store_true", help="List the clients instead.")
        instead.add_argument(
            "--delete", metavar="CLIENT_ID", help="End a client and its tokens instead."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for client in Client.objects.select_related("user").order_by("pk"):
                scopes = " ".join(client.scopes)
                self.stdout.write(
                    f"{client.client_id}  {client.user.username}  {scopes}  {client.name}"
                )
        elif options["delete"] is not None:
            self._delete(options["delete"])
        else:
            self._register(options["name"], options["user"], options["scope"])

    def _register(self, name: str | None, username: str | None, scopes: list[str] | None) -> None:
        if not settings.OAUTH:
            raise CommandError("OAuth is off. Set OAUTH=1, and restart the service with it.")
        if not (name and username and scopes):
            raise CommandError("Send a name, --user and at least one --scope.")
        try:
            name = parse_text(name)
        except ValueError as error:
            raise CommandError(f"name: {error}") from None
        users = get_user_model().objects.filter(username=username, is_active=True)
        user = users.first() if "\x00" not in username else None
        if user is None:
            raise CommandError(f"There is no active user {username!r}.")
        secret = generate_client_secret()
        with transaction.atomic():
            client = Client.objects.create(
                name=name,
                user=user,
                scopes=sorted(set(scopes)),
                client_secret=secret,
                client_type=Client.CLIENT_CONFIDENTIAL,
                authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
            )
        self.stdout.write(f"client_id={client.client_id}")
        self.stdout.write(f"client_secret={secret}")

    def _delete(self, client_id: str) -> None:
        found = Client.objects.filter(client_id=client_id) if "\x00" not in client_id else None
        if not found or not found.delete()[0]:
            raise CommandError(f"There is no client {client_id!r}.")
