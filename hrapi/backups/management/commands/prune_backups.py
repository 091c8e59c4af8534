from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from hrapi.backups import services
from hrapi.backups.commands import BackupCommand, add_trigger
from hrapi.backups.errors import BadBackupError
from hrapi.backups.manifest import Trigger
from hrapi.backups.places import place_of
from hrapi.backups.pruning import LEAST_KEPT, Keep

PERIODS = ("last", "daily", "weekly", "monthly")


class Command(BackupCommand):
    help = (
        "Removes backups that no --keep option keeps. Without --yes it only shows what it would do. Every backup "
        f"is verified first; one that does not verify is neither counted nor removed. The {LEAST_KEPT} newest "
        "that verify and pinned ones are never removed. Exit codes: 0 done, 1 it could not be done, 3 done, but "
        "for backups that do not verify, 75 another run is at work on backups."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--place", help="A directory or s3://bucket/prefix (default: BACKUP_PLACE)."
        )
        for period in PERIODS:
            what = "newest backups" if period == "last" else f"newest {period} backups"
            parser.add_argument(
                f"--keep-{period}", type=int, metavar="N", help=f"Keep the N {what}."
            )
        parser.add_argument("--yes", action="store_true", help="Do it.")
        add_trigger(parser)

    def work(
        self, *args: Any, place: str | None, yes: bool, trigger: Trigger, **options: Any
    ) -> None:
        wanted = {period: options[f"keep_{period}"] for period in PERIODS}
        if all(number is None for number in wanted.values()):
            raise CommandError("Say what to keep: --keep-last N, for example.", returncode=2)
        if any(number is not None and number < 0 for number in wanted.values()):
            raise CommandError("N must not be negative.", returncode=2)
        keep = Keep(**{period: number or 0 for period, number in wanted.items()})
        found = place_of(settings.BACKUP_PLACE if place is None else place)
        done = services.prune_backups(found, keep, really=yes, trigger=trigger)
        for name, why in done.bad.items():
            self.stderr.write(f"left alone  {name}  {why}")
        for name, reasons in sorted(done.reasons.items()):
            verb = "keep      " if reasons else "removed   " if yes else "remove    "
            self.stdout.write(f"{verb}  {name}  {', '.join(reasons)}".rstrip())
        if not yes:
            self.stdout.write("Nothing was removed: --yes does it.")
        if done.bad:
            raise BadBackupError(
                f"{len(done.bad)} backups do not verify, and were left alone. All else is done."
            )
