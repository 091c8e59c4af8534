from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from hrapi.api.addresses import normal_address
from hrapi.api.counters import forget
from hrapi.api.logins import account_key, address_key, client_key
from hrapi.audit.recording import Action, record


class Command(BaseCommand):
    help = "Sets back the count of logins that failed, so that who was locked out can log in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="NAME", help="Count for this user name.")
        parser.add_argument("--address", help="Count for this address; of IPv6 for its network.")
        parser.add_argument(
            "--client", metavar="ID", help="Count for this client of OAuth at the address."
        )

    def handle(
        self,
        *args: Any,
        account: str | None,
        address: str | None,
        client: str | None,
        **options: Any,
    ) -> None:
        if not (account or address):
            raise CommandError(
                "Say whom to let in again: --account NAME, --address ADDRESS, or both; a client of"
                " OAuth by --client ID and --address ADDRESS."
            )
        address = normal_address(address) if address else None
        if client and not address:
            raise CommandError("A client is counted by address: say --address ADDRESS too.")
        keys = [account_key(account)] if account else []
        keys += [address_key(address)] if address else []
        keys += [client_key(client, address)] if client and address else []
        named = {"account": account, "address": address, "client": client}
        with transaction.atomic():
            number = forget(keys)
            record(Action.UNLOCKED, {kind: name for kind, name in named.items() if name})
        self.stdout.write(f"Counts set back: {number}")
