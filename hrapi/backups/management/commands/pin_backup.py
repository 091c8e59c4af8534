from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from hrapi.backups.commands import BackupCommand
from hrapi.backups.places import find_backup, resolve


class Command(BackupCommand):
    help = "Pins a backup: prune_backups keeps it until it is unpinned."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "backup", metavar="BACKUP", help="A name, latest, or the path of a backup elsewhere."
        )
        parser.add_argument("--remove", action="store_true", help="Unpins it.")

    def work(self, *args: Any, backup: str, remove: bool, **options: Any) -> None:
        place, name = find_backup(backup, settings.BACKUP_PLACE)
        name = resolve(place, name)
        place.pin(name, on=not remove)
        self.stdout.write(f"{name} is {'no longer ' if remove else ''}pinned.")
