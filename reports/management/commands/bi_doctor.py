from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from getpass import getpass
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from reports.doctor.asking import Client
from reports.doctor.checks import examine


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    raise ArgumentTypeError(f"send an address like https://hr.example.com/, not {text[:80]!r}")


class Command(BaseCommand):
    help = (
        "Reads a deployed service as tools for analysis do, and says what is wrong and what to do: a line for "
        "each check. The token, or a password, is taken from the variable HRAPI_TOKEN, or asked for. Exit codes: "
        "0 all is right, 1 not."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL", type=_address, help="The address that tools get.")
        parser.add_argument(
            "--user", default="", metavar="NAME", help="Log in by Basic, as tools do, as this user."
        )
        parser.add_argument(
            "--dataset",
            action="append",
            default=[],
            metavar="NAME",
            help="Read only this dataset; may be given more than once (default: all).",
        )

    def handle(self, *args: Any, url: str, user: str, dataset: list[str], **options: Any) -> None:
        password = os.environ.get("HRAPI_TOKEN") or (
            getpass("Token or password: ") if sys.stdin.isatty() else ""
        )
        if not password.isprintable() or not password:
            raise CommandError(
                "Set HRAPI_TOKEN to a token: it was empty, or nobody could be asked."
            )
        wrong = 0
        for finding in examine(Client(url, user=user, password=password), dataset):
            wrong += not finding.is_right
            self.stdout.write(
                f"{'ok   ' if finding.is_right else 'WRONG'}  {finding.check}: {finding.told}"
            )
        if wrong:
            raise CommandError(f"{wrong} of the checks failed.")
