from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from hrapi.backups.commands import BackupCommand
from hrapi.backups.errors import BackupError
from hrapi.backups.places import place_of
from hrapi.backups.status import newest_verified

# A week between two backups, and a day for the verification.
DEFAULT_HOURS = 8 * 24


class Command(BackupCommand):
    help = (
        "Says how old the newest verified backup of all tables is, for monitoring. Exit codes: 0 it is there and "
        "young enough, 1 it is too old, gone or damaged, there is none, or that cannot be found out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--max-age",
            type=float,
            metavar="HOURS",
            default=DEFAULT_HOURS,
            help="How old it may be (default: %(default)s, a week and a day).",
        )

    def work(self, *args: Any, max_age: float, **options: Any) -> None:
        place = place_of(settings.BACKUP_PLACE)
        newest = newest_verified(str(place))
        if newest.name not in place.names():
            raise BackupError(f"{newest.name} was verified, but has gone from {place}.")
        now = datetime.now(UTC)
        age, since = (
            (now - moment).total_seconds() / 3600 for moment in (newest.made_at, newest.verified_at)
        )
        found = f"{newest.name} is {age:.1f} hours old and was verified {since:.1f} hours ago"
        # Not "age > max_age": nan hours are no limit.
        if not age <= max_age:
            raise BackupError(f"{found}. The limit is {max_age:g} hours.")
        self.stdout.write(f"{found}.")
