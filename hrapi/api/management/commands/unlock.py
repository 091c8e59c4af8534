from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hrapi.api.addresses import normal_address
from hrapi.api.counters import forget
from hrapi.api.logins import account_key, address_key


class Command(BaseCommand):
    help = "Sets back the count of logins that failed, so that who was locked out can log in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="NAME", help="Count for this user name.")
        parser.add_argument("--address", help="Count for this address; of IPv6 for its network.")

    def handle(self, *args: Any, account: str | None, address: str | None, **options: Any) -> None:
        keys = [account_key(account)] if account else []
        keys += [address_key(normal_address(address))] if address else []
        if not keys:
            raise CommandError(
                "Say whom to let in again: --account NAME, --address ADDRESS, or both."
            )
        self.stdout.write(f"Counts set back: {forget(keys)}")
