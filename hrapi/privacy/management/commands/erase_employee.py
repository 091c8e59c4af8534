from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from hrapi.backups.commands import EXIT_WRONG_USAGE, BackupCommand
from hrapi.backups.errors import BackupError
from hrapi.backups.places import place_of
from hrapi.ingestion.fields import MAX_ID
from hrapi.privacy.holdings import Holdings, Person, names_of
from hrapi.privacy.services import Order, erase, plan_erasure
from hrapi.tables import get_table

_MAX_SHOWN = 20
_KINDS = {
    "rows": "rows of employees",
    "changes": "records of what the row was before",
    "rejected_rows": "entries of the reject log, of which codes and history stay",
    "answers": "kept answers to requests with an Idempotency-Key",
    "texts": "names of files and tokens, messages and reasons that hold the name",
}


class Command(BackupCommand):
    help = (
        "Erases an employee: the row, what it was before, what was sent of rejected rows with its id, kept "
        "answers and texts with the name. Shows what would go and asks. A restore of an older backup leaves the "
        "employee out. Exit codes: 0 erased, 1 it could not be done, 75 another run is at work on backups."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("employee", metavar="ID", type=int, help="The employee's id.")
        parser.add_argument(
            "--also-rejected",
            metavar="ENTRY",
            type=int,
            nargs="+",
            default=[],
            help="Further entries of the reject log that are about the same person.",
        )
        parser.add_argument(
            "--name-too",
            action="store_true",
            help="All entries of the reject log with the same name, too, whatever their id.",
        )
        parser.add_argument(
            "--user", metavar="NAME", help="The account that the record names (default: none)."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Shows what would go and changes nothing."
        )
        parser.add_argument(
            "--no-input", action="store_true", help="Asks nothing: the answer is yes."
        )

    def work(
        self,
        *args: Any,
        employee: int,
        also_rejected: list[int],
        name_too: bool,
        user: str | None,
        dry_run: bool,
        no_input: bool,
        **options: Any,
    ) -> None:
        if not 1 <= employee <= MAX_ID:
            raise CommandError(
                f"{employee} is not an id of an employee.", returncode=EXIT_WRONG_USAGE
            )
        person = Person(get_table("employees"), employee)
        order = Order(person, frozenset(also_rejected), name_too, _account(user))
        place = place_of(settings.BACKUP_PLACE)
        expected = None
        if dry_run or not no_input:
            expected = plan_erasure(order)
            self._show(person, expected)
        if dry_run:
            self.stdout.write("Nothing was erased: this was a dry run.")
            return
        if not no_input and not self._confirmed(person):
            raise BackupError("Nothing was erased.")
        done = erase(order, place, expected=expected)
        if no_input:
            self._show(person, done)
        self.stdout.write(
            f"Employee {employee} is erased. Older backups in {place} hold the employee until they are pruned;"
            " restoring one leaves the employee out. Exports to Parquet stay as they are:"
            " remove those that hold the row."
        )

    def _show(self, person: Person, found: Holdings) -> None:
        self.stdout.write(f"Of employee {person.row_id}:")
        for kind, number in found.counts.items():
            self.stdout.write(f"{number:>8,} {_KINDS[kind]}")
        if not any(found.counts.values()):
            self.stdout.write("Nothing is held here. Older backups may hold something.")
        if found.of_another_name:
            self.stdout.write(
                f"Entries that were sent with this id but with another name, and go too:"
                f" {_listed(found.of_another_name)}."
            )
        if found.same_name:
            self.stdout.write(
                f"Entries with this name and another id or none, which stay: {_listed(found.same_name)}."
                " If they are about the same person, name them with --also-rejected, or all with --name-too."
            )

    def _confirmed(self, person: Person) -> bool:
        # To the person at the terminal only: a wrong id is noticed by the name.
        names = ", ".join(names_of(person)) or "no name is stored"
        self.stderr.write(
            f"This cannot be undone. Erase employee {person.row_id} ({names})? [y/N] ", ending=""
        )
        self.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def _account(name: str | None) -> User | None:
    if name is None:
        return None
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user {name[:60]!a}.", returncode=EXIT_WRONG_USAGE)
    return found


def _listed(ids: Sequence[int]) -> str:
    more = len(ids) - _MAX_SHOWN
    return ", ".join(map(str, ids[:_MAX_SHOWN])) + (f" and {more:,} more" if more > 0 else "")
