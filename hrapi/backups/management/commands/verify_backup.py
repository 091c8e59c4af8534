from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from hrapi.backups.commands import BackupCommand, add_trigger
from hrapi.backups.manifest import Trigger
from hrapi.backups.places import find_backup
from hrapi.backups.services import verify_backup


class Command(BackupCommand):
    help = (
        "Says whether a backup is whole and unchanged. Exit codes: 0 it is, 3 it is not, and a line says what is "
        "wrong, 1 it could not be looked at."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "backup", metavar="BACKUP", help="A name, latest, or the path of a backup elsewhere."
        )
        parser.add_argument(
            "--deep", action="store_true", help="Also decodes every row and follows references."
        )
        add_trigger(parser)

    def work(self, *args: Any, backup: str, deep: bool, trigger: Trigger, **options: Any) -> None:
        place, name = find_backup(backup, settings.BACKUP_PLACE)
        manifest = verify_backup(place, name, deep=deep, trigger=trigger)
        self.stdout.write(
            f"{manifest.id} is whole: {manifest.rows:,} rows, {manifest.bytes:,} bytes."
        )
